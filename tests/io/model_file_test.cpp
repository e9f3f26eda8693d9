// SPDX-License-Identifier: Apache-2.0
#include "io/model_file.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <tuple>

#include "io/durable_file.hpp"
#include "tests/support/temporary_folder.hpp"

namespace cohort::testing {
namespace {

struct Column {
  std::string name;
  double shift = 0;
  template <class Archive>
  void archive(Archive& members) {
    members("name", name);
    members("shift", shift);
  }
  bool operator==(const Column&) const = default;
};

struct Model {
  std::vector<Column> columns;
  std::vector<std::vector<double>> cuts;
  std::vector<std::int64_t> sizes;
  std::string precision;
  double inertia = 0;
  std::int64_t n_iter = 0;
  template <class Archive>
  void archive(Archive& members) {
    members("columns", columns);
    members("cuts", cuts);
    members("sizes", sizes);
    members("precision", precision);
    members("inertia", inertia);
    members("n_iter", n_iter);
  }
  bool operator==(const Model&) const = default;
};

Model example() {
  return {.columns = {{"frequency", 0.1}, {"", -std::numeric_limits<double>::denorm_min()}},
          .cuts = {{1, 2, 3}, {}, {std::numeric_limits<double>::infinity()}},
          .sizes = {std::numeric_limits<std::int64_t>::min(), 0},
          .precision = "float64",
          .inertia = std::nextafter(1.0, 2.0),
          .n_iter = 7};
}

TEST(ModelFile, BringsBackEveryBit) {
  const TemporaryFolder folder;
  save_model(folder.file("model.h5"), "example", example());
  const ModelFile file = ModelFile::load(folder.file("model.h5"));
  EXPECT_EQ(file.kind, "example");
  EXPECT_EQ(file.version, 1);
  EXPECT_EQ(unpack_model<Model>(file), example());
}

TEST(ModelFile, IsTheSameFileForTheSameModel) {
  const TemporaryFolder folder;
  save_model(folder.file("a.h5"), "example", example());
  save_model(folder.file("b.h5"), "example", example());
  EXPECT_EQ(read_file(folder.file("a.h5")), read_file(folder.file("b.h5")));
}

void expect_refused(const std::string& path) {
  try {
    std::ignore = ModelFile::load(path);
    ADD_FAILURE() << "a damaged model was read";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ExitCode::bad_data) << error.what();
    EXPECT_NE(std::string(error.what()).find(path), std::string::npos);
  }
}

TEST(ModelFile, RefusesDamage) {
  const TemporaryFolder folder;
  save_model(folder.file("model.h5"), "example", example());
  const std::string whole = read_file(folder.file("model.h5"));
  const std::string path = folder.file("damaged.h5");
  for (std::size_t at = 0; at < whole.size(); at += 97) {
    std::string flipped = whole;
    flipped[at] = static_cast<char>(flipped[at] ^ 1);
    write_file(path, flipped);
    expect_refused(path);
  }
  for (const std::size_t length : {std::size_t{0}, std::size_t{1}, whole.size() / 2, whole.size() - 1}) {
    write_file(path, whole.substr(0, length));
    expect_refused(path);
  }
}

TEST(ModelFile, RefusesAModelOfAnotherForm) {
  ModelFile file{.kind = "example", .version = 1, .arrays = {{"inertia", std::vector<std::int64_t>{1}}}};
  EXPECT_THROW(std::ignore = unpack_model<Column>(file), Error);
  EXPECT_THROW(std::ignore = unpack_model<Model>(file), Error);
}

TEST(ModelFile, SaysWhichFileIsMissing) {
  try {
    std::ignore = ModelFile::load("/nonexistent/model.h5");
    ADD_FAILURE();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ExitCode::input_missing);
  }
}

}  // namespace
}  // namespace cohort::testing
