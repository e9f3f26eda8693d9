// SPDX-License-Identifier: Apache-2.0
#include "io/model_file.hpp"

#include <algorithm>
#include <filesystem>
#include <span>
#include <string_view>

#include "core/fault_points.hpp"
#include "io/durable_file.hpp"
#include "io/store/content_hash.hpp"
#include "io/store/hdf5_file.hpp"

namespace cohort {
namespace {

constexpr std::string_view seal_mark = "\ncohort model, XXH3-128 of all before: ";
constexpr std::size_t seal_bytes = seal_mark.size() + 32 + 1;
constexpr std::string_view list_name = "index";  ///< a line for each array: kind letter, path

char letter_of(const ModelFile::Array& array) {
  return "idt"[array.index()];
}

/// The bytes of the file without the seal, which must fit them.
void check_seal(const std::string& path) {
  std::string bytes = read_file(path);
  fault_bytes("model.read", std::as_writable_bytes(std::span(bytes)));
  const std::string_view all = bytes;
  const bool long_enough = all.size() > seal_bytes;
  const std::string_view seal = long_enough ? all.substr(all.size() - seal_bytes) : std::string_view{};
  const std::string_view body = long_enough ? all.substr(0, all.size() - seal_bytes) : std::string_view{};
  if (!long_enough || !seal.starts_with(seal_mark)) {
    throw Error(ExitCode::bad_data, path + " is no model file, or it was cut short",
                "name the model.h5 of a finished step");
  }
  if (seal.substr(seal_mark.size(), 32) != hash128_hex(body)) {
    throw Error(ExitCode::bad_data, path + " is damaged: its bytes do not fit its hash",
                "restore it from a copy, or train again");
  }
}

}  // namespace

void ModelFile::save(const std::string& path) const {
  const std::string temporary = path + ".unsealed";
  Hdf5File file = Hdf5File::create(temporary);
  std::string list;
  std::map<std::string, Array> all = arrays;
  all["kind"] = std::vector<char>(kind.begin(), kind.end());
  all["version"] = std::vector<std::int64_t>{version};
  for (const auto& [name, array] : all) {
    list += fmt::format("{} {}\n", letter_of(array), name);
    std::visit(
        [&, &array_name = name]<class T>(const std::vector<T>& values) {
          file.create_plain(array_name, element_of<T>, std::ssize(values));
          file.write_rows(array_name, 0, std::span<const T>(values));
        },
        array);
  }
  file.create_plain(std::string(list_name), Element::byte, std::ssize(list));
  file.write_rows(std::string(list_name), 0, std::span<const char>(list));
  file.close();
  fault_point("model.seal");
  const std::string body = read_file(temporary);
  std::filesystem::remove(temporary);
  write_file(path, body + std::string(seal_mark) + hash128_hex(body) + "\n");
}

ModelFile ModelFile::load(const std::string& path) {
  check_seal(path);
  const Hdf5File file = Hdf5File::open(path);
  ModelFile model;
  const std::vector<char> list = file.read<char>(std::string(list_name));
  for (auto begin = list.begin(); begin != list.end();) {
    const auto end = std::find(begin, list.end(), '\n');
    if (end == list.end() || end - begin < 3) {
      throw Error(ExitCode::bad_data, path + " has no sound index of its arrays", "train the model again");
    }
    const std::string name(begin + 2, end);
    switch (*begin) {
      case 'i': model.arrays[name] = file.read<std::int64_t>(name); break;
      case 'd': model.arrays[name] = file.read<double>(name); break;
      default: model.arrays[name] = file.read<char>(name); break;
    }
    begin = end + 1;
  }
  ModelUnpacker header(model);
  header("kind", model.kind);
  header("version", model.version);
  return model;
}

}  // namespace cohort
