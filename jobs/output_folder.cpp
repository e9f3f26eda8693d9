// SPDX-License-Identifier: Apache-2.0
#include "jobs/output_folder.hpp"

#include <fcntl.h>
#include <openssl/evp.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cerrno>
#include <cstring>
#include <exception>
#include <memory>
#include <sstream>
#include <vector>

#include "core/collectively.hpp"
#include "core/error.hpp"
#include "core/fault_points.hpp"
#include "core/threads.hpp"
#include "io/durable_file.hpp"

namespace cohort {
namespace fs = std::filesystem;
namespace {

/// A file descriptor that is closed at the end of scope.
class File {
 public:
  File(const fs::path& path, int flags) : path_(path), descriptor_(::open(path.c_str(), flags | O_CLOEXEC, 0640)) {
    if (descriptor_ < 0) throw_system_error(errno, "open", path_);
  }
  ~File() { ::close(descriptor_); }
  File(const File&) = delete;
  File& operator=(const File&) = delete;

  void write_at(const std::string& text, std::int64_t offset) const {
    fault_point("output_folder.write");
    for (std::size_t done = 0; done < text.size();) {
      const ssize_t n =
          ::pwrite(descriptor_, text.data() + done, fault_length("output_folder.short_write", text.size() - done),
                   offset + static_cast<off_t>(done));
      if (n < 0 && errno != EINTR) throw_system_error(errno, "write", path_);
      if (n > 0) done += static_cast<std::size_t>(n);
    }
  }
  std::size_t read(std::vector<unsigned char>& buffer) const {
    fault_point("output_folder.read");
    const ssize_t n = ::read(descriptor_, buffer.data(), buffer.size());
    if (n < 0) throw_system_error(errno, "read", path_);
    return static_cast<std::size_t>(n);
  }
  void sync() const {
    fault_point("output_folder.fsync");
    if (::fsync(descriptor_) != 0) throw_system_error(errno, "flush", path_);
  }

 private:
  std::string path_;
  int descriptor_;
};

using Digest = std::array<std::int64_t, 4>;

Digest sha256(const fs::path& path) {
  const std::unique_ptr<EVP_MD_CTX, void (*)(EVP_MD_CTX*)> hash(EVP_MD_CTX_new(), EVP_MD_CTX_free);
  EVP_DigestInit_ex(hash.get(), EVP_sha256(), nullptr);
  const File file(path, O_RDONLY);
  std::vector<unsigned char> buffer(std::size_t{1} << 20);
  for (std::size_t n = file.read(buffer); n > 0; n = file.read(buffer)) EVP_DigestUpdate(hash.get(), buffer.data(), n);
  std::array<unsigned char, 32> bytes{};
  EVP_DigestFinal_ex(hash.get(), bytes.data(), nullptr);
  return std::bit_cast<Digest>(bytes);
}

std::string hex(const Digest& digest) {
  std::string text;
  for (const unsigned char byte : std::bit_cast<std::array<unsigned char, 32>>(digest))
    text += fmt::format("{:02x}", byte);
  return text;
}

/// Names as one text and back; no name holds the character 0.
std::string joined(const std::vector<std::string>& names) {
  std::string text;
  for (const std::string& name : names) text += name + '\0';
  return text;
}

std::vector<std::string> split(const std::string& text) {
  std::vector<std::string> names;
  std::istringstream stream(text);
  for (std::string name; std::getline(stream, name, '\0');) names.push_back(name);
  return names;
}

std::vector<std::string> files_below(const fs::path& folder, const std::vector<std::string>& skip) {
  std::vector<std::string> files;
  for (const fs::directory_entry& entry : fs::recursive_directory_iterator(folder)) {
    if (!entry.is_regular_file()) continue;
    const std::string name = fs::relative(entry.path(), folder).string();
    if (std::find(skip.begin(), skip.end(), name) == skip.end()) files.push_back(name);
  }
  std::sort(files.begin(), files.end());
  return files;
}

}  // namespace

StagedFolder::StagedFolder(Communicator& comm, fs::path final_path)
    : comm_(comm), final_(std::move(final_path)), staging_(staging_path(final_)) {
  collectively(comm_, [&] {
    if (comm_.rank() != 0) return;
    std::error_code error;
    fault_point("output_folder.create");
    fs::remove_all(staging_, error);
    fs::create_directories(staging_, error);
    if (error) throw_system_error(error.value(), "create", staging_.string());
  });
}

fs::path StagedFolder::staging_path(const fs::path& final_path) {
  return final_path.string() + ".partial";
}

StagedFolder::~StagedFolder() {
  if (published_ || comm_.rank() != 0) return;
  std::error_code ignored;
  fs::remove_all(staging_, ignored);
}

void StagedFolder::publish() {
  collectively(comm_, [&] {
    if (comm_.rank() != 0) return;
    std::error_code error;
    sync_path(staging_.string());
    fs::remove_all(final_, error);
    fault_point("output_folder.publish");
    fs::rename(staging_, final_, error);
    if (error) throw_system_error(error.value(), "publish", final_.string());
    sync_parent(final_.string());
  });
  published_ = true;
}

std::map<std::string, std::string> hash_files(const Context& context, const fs::path& folder,
                                              const std::vector<std::string>& skip) {
  std::vector<std::string> files;
  std::vector<std::int64_t> digests;
  std::string listed;
  collectively(context.comm, [&] {
    if (context.comm.rank() == 0) listed = joined(files_below(folder, skip));
  });
  context.comm.broadcast(listed, 0);  // a file system may show it to others only later
  collectively(context.comm, [&] {
    files = split(listed);
    digests.assign(files.size() * 4, 0);
    const auto ranks = static_cast<std::size_t>(context.comm.size());
    parallel_for(context.threads, static_cast<std::int64_t>(files.size()), [&](int, std::int64_t i) {
      const auto at = static_cast<std::size_t>(i);
      if (at % ranks != static_cast<std::size_t>(context.comm.rank())) return;
      const Digest digest = sha256(folder / files[at]);
      std::copy(digest.begin(), digest.end(), digests.begin() + static_cast<std::ptrdiff_t>(at) * 4);
    });
  });
  // Each digest is non-zero on one rank alone, so adding the ranks' vectors collects them.
  context.comm.all_reduce(digests, {});
  std::map<std::string, std::string> hashes;
  for (std::size_t i = 0; i < files.size(); ++i) {
    hashes[files[i]] = hex({digests[4 * i], digests[4 * i + 1], digests[4 * i + 2], digests[4 * i + 3]});
  }
  return hashes;
}

void write_in_pieces(const Context& context, const fs::path& path, const std::string& header, std::int64_t pieces,
                     const std::vector<int>& mine, const std::function<std::string(int)>& format) {
  std::vector<std::int64_t> lengths(static_cast<std::size_t>(pieces), 0);
  collectively(context.comm, [&] {
    if (context.comm.rank() == 0) File(path, O_WRONLY | O_CREAT | O_TRUNC).write_at(header, 0);
    parallel_for(context.threads, static_cast<std::int64_t>(mine.size()), [&](int, std::int64_t i) {
      const int piece = mine[static_cast<std::size_t>(i)];
      lengths[static_cast<std::size_t>(piece)] = static_cast<std::int64_t>(format(piece).size());
    });
  });
  context.comm.all_reduce(lengths, {});
  std::vector<std::int64_t> offsets(lengths.size());
  auto offset = static_cast<std::int64_t>(header.size());
  for (std::size_t i = 0; i < lengths.size(); ++i) {
    offsets[i] = offset;
    offset += lengths[i];
  }
  collectively(context.comm, [&] {
    const File file(path, O_WRONLY);
    parallel_for(context.threads, static_cast<std::int64_t>(mine.size()), [&](int, std::int64_t i) {
      const int piece = mine[static_cast<std::size_t>(i)];
      file.write_at(format(piece), offsets[static_cast<std::size_t>(piece)]);
    });
    file.sync();
  });
}

}  // namespace cohort
