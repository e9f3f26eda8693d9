// SPDX-License-Identifier: Apache-2.0
#include "io/durable_file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <utility>

#include "core/error.hpp"
#include "core/fault_points.hpp"

namespace cohort {
namespace {

class Descriptor {
 public:
  Descriptor(const std::string& path, int flags, mode_t mode = 0666)
      : number_(::open(path.c_str(), flags | O_CLOEXEC, mode)) {
    if (number_ < 0) throw_system_error(errno, "open", path);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor() {
    if (number_ >= 0) ::close(number_);
  }
  [[nodiscard]] int get() const { return number_; }
  int release() { return std::exchange(number_, -1); }

 private:
  int number_;
};

void write_all(int descriptor, std::string_view text, const std::string& path) {
  while (!text.empty()) {
    fault_point("durable_file.write");
    const ssize_t written = ::write(descriptor, text.data(), fault_length("durable_file.short_write", text.size()));
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) throw_system_error(errno, "write", path);
    text.remove_prefix(static_cast<std::size_t>(written));
  }
}

}  // namespace

InputFile::InputFile(std::string path) : path_(std::move(path)) {
  fault_point("durable_file.open");
  Descriptor descriptor(path_, O_RDONLY);
  struct stat status {};
  if (::fstat(descriptor.get(), &status) != 0) throw_system_error(errno, "stat", path_);
  size_ = status.st_size;
  descriptor_ = descriptor.release();
}

InputFile::InputFile(InputFile&& other) noexcept
    : path_(std::move(other.path_)), descriptor_(std::exchange(other.descriptor_, -1)), size_(other.size_) {}

InputFile& InputFile::operator=(InputFile&& other) noexcept {
  std::swap(path_, other.path_);
  std::swap(descriptor_, other.descriptor_);
  std::swap(size_, other.size_);
  return *this;
}

InputFile::~InputFile() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

void InputFile::read(std::int64_t address, std::span<std::byte> bytes) const {
  fault_point("durable_file.read");
  while (!bytes.empty()) {
    const std::size_t asked = fault_length("durable_file.short_read", bytes.size());
    const ssize_t count = ::pread(descriptor_, bytes.data(), asked, address);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) throw_system_error(errno, "read", path_);
    if (count == 0) {
      throw Error(ExitCode::bad_data,
                  fmt::format("{} ends at byte {}, but {} more bytes were expected", path_, address, bytes.size()),
                  "restore the file from a copy, or ingest again");
    }
    address += count;
    bytes = bytes.subspan(static_cast<std::size_t>(count));
  }
}

void InputFile::will_need(std::int64_t address, std::int64_t bytes) const noexcept {
  ::posix_fadvise(descriptor_, address, bytes, POSIX_FADV_WILLNEED);
}

void sync_path(const std::string& path) {
  fault_point("durable_file.fsync");
  const Descriptor descriptor(path, O_RDONLY);
  if (::fsync(descriptor.get()) != 0) throw_system_error(errno, "flush", path);
}

void begin_sync(const std::string& path) {
  const Descriptor descriptor(path, O_RDONLY);
  // Only a hint: file systems that do not know it write later.
  static_cast<void>(::sync_file_range(descriptor.get(), 0, 0, SYNC_FILE_RANGE_WRITE));
}

void sync_parent(const std::string& path) {
  const auto parent = std::filesystem::path(path).parent_path();
  sync_path(parent.empty() ? "." : parent.string());
}

TemporaryFile::TemporaryFile(std::string path)
    : path_(std::move(path)), name_(fmt::format("{}.partial-{}", path_, ::getpid())) {}

TemporaryFile::~TemporaryFile() {
  if (!name_.empty()) ::unlink(name_.c_str());
}

void TemporaryFile::publish() {
  sync_path(name_);
  take_path();
  sync_parent(path_);
}

void TemporaryFile::take_path() {
  fault_point("durable_file.rename");
  if (::rename(name_.c_str(), path_.c_str()) != 0) throw_system_error(errno, "rename " + name_ + " to", path_);
  name_.clear();
}

void write_file(const std::string& path, std::string_view text) {
  TemporaryFile temporary(path);
  {
    const Descriptor descriptor(temporary.name(), O_WRONLY | O_CREAT | O_TRUNC);
    write_all(descriptor.get(), text, temporary.name());
  }
  temporary.publish();
}

std::string read_file(const std::string& path) {
  const InputFile file(path);
  std::string text(static_cast<std::size_t>(file.size()), '\0');
  file.read(0, std::as_writable_bytes(std::span(text)));
  return text;
}

}  // namespace cohort
