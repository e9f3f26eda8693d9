// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

// Files that are there whole or not at all: temporary name, fsync, rename, fsync of the folder.

namespace cohort {

/// A file open for reading at given places; any number of threads may read at once.
class InputFile {
 public:
  /// Throws Error(input_missing, no_permission, io_error).
  explicit InputFile(std::string path);
  InputFile(InputFile&& other) noexcept;
  InputFile& operator=(InputFile&& other) noexcept;
  ~InputFile();

  [[nodiscard]] const std::string& path() const { return path_; }
  [[nodiscard]] std::int64_t size() const { return size_; }  ///< bytes, when opened
  /// Fills `bytes` from `address`; throws Error(bad_data) when the file ends before, Error(io_error) otherwise.
  void read(std::int64_t address, std::span<std::byte> bytes) const;
  /// Tells the kernel that [address, address + bytes) will be read soon.
  void will_need(std::int64_t address, std::int64_t bytes) const noexcept;

 private:
  std::string path_;
  int descriptor_ = -1;
  std::int64_t size_ = 0;
};

/// Flushes a file or folder to the disk.
void sync_path(const std::string& path);
/// Lets the kernel begin to write a closed file to the disk, so that sync_path finds little left to wait for.
void begin_sync(const std::string& path);
/// Flushes the folder that holds `path`, so that a rename or removal there lasts.
void sync_parent(const std::string& path);

/// A file in the making, beside `path`. It is removed if it is not published.
class TemporaryFile {
 public:
  explicit TemporaryFile(std::string path);
  TemporaryFile(const TemporaryFile&) = delete;
  TemporaryFile& operator=(const TemporaryFile&) = delete;
  ~TemporaryFile();

  [[nodiscard]] const std::string& name() const { return name_; }  ///< where to write
  /// Gives the finished and closed file its path: fsync, rename, fsync of the folder.
  void publish();
  /// Renames it, no more: for a file whose folder is not published yet, and which is flushed before that.
  void take_path();

 private:
  std::string path_, name_;
};

/// Writes a small file at once through a temporary name.
void write_file(const std::string& path, std::string_view text);
/// The whole file as a string; throws Error(input_missing, io_error).
[[nodiscard]] std::string read_file(const std::string& path);

}  // namespace cohort
