// SPDX-License-Identifier: Apache-2.0
// Files behind a seal: a model and a checkpoint, chosen by the first byte.
#include <unistd.h>

#include <filesystem>

#include "core/error.hpp"
#include "io/checkpoint_folder.hpp"
#include "io/durable_file.hpp"
#include "io/model_file.hpp"
#include "tests/fuzz/fuzz_target.hpp"

namespace cohort {
namespace {

namespace fs = std::filesystem;

/// A folder in memory, where the system has one.
struct Scratch {
  fs::path folder = (fs::exists("/dev/shm") ? fs::path("/dev/shm") : fs::temp_directory_path()) /
                    fmt::format("cohort-fuzz-{}", ::getpid());
  Scratch() { fs::create_directories(folder); }
  ~Scratch() { fs::remove_all(folder); }
};

const fs::path& scratch() {
  static const Scratch one;
  return one.folder;
}

std::string checkpoint_file() {
  for (const auto& entry : fs::directory_iterator(scratch() / "checkpoints")) return entry.path().string();
  return {};
}

std::string saved_checkpoint() {
  CheckpointFolder(scratch() / "checkpoints", {{"program", "1"}}).save("state of a loop");
  return read_file(checkpoint_file());
}

std::string saved_model() {
  const std::string path = (scratch() / "good.h5").string();
  ModelFile{.kind = "kmeans", .arrays = {{"centres", std::vector<double>{1, 2, 3}}, {"name", std::vector<char>{'a'}}}}
      .save(path);
  return read_file(path);
}

void overwrite(const std::string& path, std::string_view text) {
  fs::remove(path);
  write_file(path, text);
}

}  // namespace
}  // namespace cohort

/// libhdf5 1.10 loses some 100 bytes when it refuses a file; the fuzzer finds seals that fit, and so comes to that.
extern "C" const char* __lsan_default_suppressions() {
  return "leak:libhdf5";
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace cohort;
  if (size == 0) return 0;
  const std::string_view text(reinterpret_cast<const char*>(data) + 1, size - 1);
  try {
    if (data[0] % 2 == 0) {
      const std::string path = (scratch() / "model.h5").string();
      overwrite(path, text);
      (void)ModelFile::load(path);
    } else {
      static const std::string first = saved_checkpoint(), path = checkpoint_file();
      overwrite(path, text);
      std::string notes;
      (void)CheckpointFolder(scratch() / "checkpoints", {{"program", "1"}}).load(notes);
    }
  } catch (const Error&) {
  }
  return 0;
}

std::vector<std::string> cohort::testing::fuzz_seeds() {
  return {'\0' + saved_model(), '\1' + saved_checkpoint()};
}
