// SPDX-License-Identifier: Apache-2.0
#include "core/work_shares.hpp"

#include <fmt/format.h>

#include <filesystem>
#include <fstream>
#include <utility>

namespace cohort {
namespace fs = std::filesystem;
namespace {

constexpr double much_more = 0.25;  // of the time, above the mean: less is hardly worth a look

}  // namespace

WorkShares::WorkShares(int rank, int size, std::string folder, Tell tell)
    : rank_(rank), size_(size), folder_(std::move(folder)), tell_(std::move(tell)) {}

WorkShares::~WorkShares() {
  std::error_code none;
  if (fs::remove(path(rank_), none)) fs::remove(folder_, none);
}

std::string WorkShares::path(int rank) const {
  return fmt::format("{}/work-{}", folder_, rank);
}

void WorkShares::leave(double share, double seconds) {
  if (size_ == 1) return;
  std::error_code none;
  fs::create_directories(folder_, none);
  std::ofstream(path(rank_), std::ios::trunc) << share << '\n';
  if (rank_ == 0) compare(seconds);
}

void WorkShares::compare(double seconds) {
  double sum = 0, most = 0;
  int known = 0, busiest = -1;
  for (int rank = 0; rank < size_; ++rank) {
    double share = 0;
    if (!(std::ifstream(path(rank)) >> share)) continue;
    sum += share;
    ++known;
    if (busiest >= 0 && share <= most) continue;
    most = share;
    busiest = rank;
  }
  const bool alone = known > 1 && most - sum / known > much_more;
  if (alone && busiest != told_) {
    tell_(
        fmt::format("imbalance: rank {} worked {:.0f} % of the last {:.0f} s, the {} ranks {:.0f} % on average: the "
                    "others wait for it",
                    busiest, most * 100, seconds, known, sum / known * 100));
  }
  told_ = alone ? busiest : -1;
}

}  // namespace cohort
