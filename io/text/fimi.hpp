// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>

namespace cohort {

/// Text with a basket a line, items as whole numbers between blanks. fimi: an empty line is an empty basket. spmf:
/// empty lines and lines that begin with #, % or @ are skipped, and -1 and -2, which end elements and sequences, are no
/// items.
enum class BasketDialect { fimi, spmf };

/// A file of baskets, plain or gzip (`.gz`), shared by the ranks.
class BasketFile {
 public:
  /// Takes a basket and the place of its line in the text, in bytes; calls of one worker do not overlap. Items as
  /// written, repeats too.
  using Sink = std::function<void(int worker, std::int64_t place, std::span<const std::int64_t> items)>;

  /// Throws Error(input_missing, no_permission, io_error).
  BasketFile(std::string path, BasketDialect dialect);

  /// Hands over every basket of share `rank` of `ranks` once. Plain files are cut by bytes; a compressed one every rank
  /// inflates whole and takes its pieces of. Memory: 4 MiB a thread. Throws Error(bad_data) with line and text for what
  /// is no whole number.
  void read(int rank, int ranks, int threads, const Sink& sink) const;

 private:
  void read_plain(int rank, int ranks, int threads, const Sink& sink) const;
  void read_gzip(int rank, int ranks, int threads, const Sink& sink) const;
  [[noreturn]] void fail_at(std::int64_t offset, std::string_view found) const;
  void parse(std::string_view text, std::int64_t offset, int worker, const Sink& sink) const;

  std::string path_;
  BasketDialect dialect_;
};

}  // namespace cohort
