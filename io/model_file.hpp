// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <type_traits>
#include <variant>
#include <vector>

#include "core/error.hpp"

namespace cohort {

/// What a model file holds: named arrays, exact to the last bit, among them `kind` and `version`. Stored as HDF5
/// datasets of the same paths; behind the HDF5 bytes stands a line with their XXH3-128, which is checked before HDF5
/// looks at them.
struct ModelFile {
  using Array = std::variant<std::vector<std::int64_t>, std::vector<double>, std::vector<char>>;

  std::string kind;  ///< the job that made it
  std::int64_t version = 1;
  std::map<std::string, Array> arrays;

  /// Throws Error(io_error).
  void save(const std::string& path) const;
  /// Throws Error(input_missing), and Error(bad_data) for a file that is damaged or no model.
  [[nodiscard]] static ModelFile load(const std::string& path);
};

/// Packs a struct with `archive(members)` into a model file and unpacks it: members are numbers, texts, vectors of
/// numbers, structs and vectors of structs. Paths are the members' names, joined by '/'.
class ModelPacker {
 public:
  explicit ModelPacker(ModelFile& file, std::string prefix = {}) : file_(file), prefix_(std::move(prefix)) {}

  template <class T>
  void operator()(const std::string& name, T& value) {
    const std::string path = prefix_ + name;
    if constexpr (std::is_same_v<T, double>) {
      file_.arrays[path] = std::vector<double>{value};
    } else if constexpr (std::is_integral_v<T>) {
      file_.arrays[path] = std::vector<std::int64_t>{static_cast<std::int64_t>(value)};
    } else if constexpr (std::is_same_v<T, std::string>) {
      file_.arrays[path] = std::vector<char>(value.begin(), value.end());
    } else if constexpr (std::is_same_v<T, std::vector<double>> || std::is_same_v<T, std::vector<std::int64_t>>) {
      file_.arrays[path] = value;
    } else if constexpr (requires { value.size(); }) {
      file_.arrays[path + "/size"] = std::vector<std::int64_t>{static_cast<std::int64_t>(value.size())};
      for (std::size_t i = 0; i < value.size(); ++i) ModelPacker(file_, path + "/")(std::to_string(i), value[i]);
    } else {
      ModelPacker inner(file_, path + "/");
      value.archive(inner);
    }
  }

 private:
  ModelFile& file_;
  std::string prefix_;
};

class ModelUnpacker {
 public:
  explicit ModelUnpacker(const ModelFile& file, std::string prefix = {}) : file_(file), prefix_(std::move(prefix)) {}

  template <class T>
  void operator()(const std::string& name, T& value) {
    const std::string path = prefix_ + name;
    if constexpr (std::is_same_v<T, double>) {
      value = single<double>(path);
    } else if constexpr (std::is_integral_v<T>) {
      value = static_cast<T>(single<std::int64_t>(path));
    } else if constexpr (std::is_same_v<T, std::string>) {
      const auto& text = array<char>(path);
      value.assign(text.begin(), text.end());
    } else if constexpr (std::is_same_v<T, std::vector<double>> || std::is_same_v<T, std::vector<std::int64_t>>) {
      value = array<typename T::value_type>(path);
    } else if constexpr (requires { value.size(); }) {
      const auto size = single<std::int64_t>(path + "/size");
      if (size < 0 || size > static_cast<std::int64_t>(file_.arrays.size())) throw damaged(path);
      value.resize(static_cast<std::size_t>(size));
      for (std::size_t i = 0; i < value.size(); ++i) ModelUnpacker(file_, path + "/")(std::to_string(i), value[i]);
    } else {
      ModelUnpacker inner(file_, path + "/");
      value.archive(inner);
    }
  }

 private:
  static Error damaged(const std::string& path) {
    return Error(ExitCode::bad_data, "the model file lacks '" + path + "' or has it in another form",
                 "train the model again");
  }
  template <class T>
  const std::vector<T>& array(const std::string& path) const {
    const auto found = file_.arrays.find(path);
    if (found == file_.arrays.end() || !std::holds_alternative<std::vector<T>>(found->second)) throw damaged(path);
    return std::get<std::vector<T>>(found->second);
  }
  template <class T>
  T single(const std::string& path) const {
    const std::vector<T>& values = array<T>(path);
    if (values.size() != 1) throw damaged(path);
    return values.front();
  }

  const ModelFile& file_;
  std::string prefix_;
};

/// A model and its kind as a file, and back. Loading throws Error(bad_data) for a model of another kind.
template <class Model>
void save_model(const std::string& path, const std::string& kind, Model model) {
  ModelFile file{.kind = kind, .version = 1, .arrays = {}};
  ModelPacker packer(file);
  model.archive(packer);
  file.save(path);
}
template <class Model>
[[nodiscard]] Model unpack_model(const ModelFile& file) {
  Model model;
  ModelUnpacker unpacker(file);
  model.archive(unpacker);
  return model;
}

}  // namespace cohort
