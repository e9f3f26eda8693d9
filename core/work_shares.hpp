// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <string>

namespace cohort {

/// Tells, while a job runs, which rank the others wait for. Each rank leaves in a folder that all see how much of its
/// time it spent outside collective calls; rank 0 reads what all left and speaks when one worked far more than the
/// mean.
class WorkShares {
 public:
  using Tell = std::function<void(const std::string& what)>;

  /// `folder` is made when the first share is left; `tell` is called on rank 0 alone.
  WorkShares(int rank, int size, std::string folder, Tell tell);
  /// Removes what this rank left.
  ~WorkShares();
  WorkShares(const WorkShares&) = delete;
  WorkShares& operator=(const WorkShares&) = delete;

  /// This rank worked `share` (0 to 1) of the last `seconds`. Ranks that have left nothing yet do not count.
  void leave(double share, double seconds);

 private:
  [[nodiscard]] std::string path(int rank) const;
  void compare(double seconds);

  int rank_, size_;
  std::string folder_;
  Tell tell_;
  int told_ = -1;  ///< the rank that was named last
};

}  // namespace cohort
