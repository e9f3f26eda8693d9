// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

namespace cohort {

/// The right to write a folder: a lock on a file that names the process. It falls with the process, however that ends.
class LockFile {
 public:
  /// Waits a moment for a process that is just leaving. Throws Error(output_exists) that names who writes `folder`.
  LockFile(std::string path, const std::string& folder);
  ~LockFile();
  LockFile(const LockFile&) = delete;
  LockFile& operator=(const LockFile&) = delete;

 private:
  std::string path_;
  int descriptor_ = -1;
};

}  // namespace cohort
