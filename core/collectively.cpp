// SPDX-License-Identifier: Apache-2.0
#include "core/collectively.hpp"

#include <new>
#include <optional>

#include "core/error.hpp"
#include "core/signals.hpp"

namespace cohort {
namespace {

struct Failure {
  ExitCode code;
  std::string what, next;
};

std::optional<Failure> run(const std::function<void()>& local_work) {
  try {
    const Stoppable stoppable;
    local_work();
    Stoppable::poll();
    return std::nullopt;
  } catch (const Error& error) {
    return Failure{error.code(), error.what(), error.next()};
  } catch (const std::bad_alloc&) {
    return Failure{ExitCode::plan_refused, "out of memory",
                   "give each rank more memory, use more ranks, or lower run.memory_per_rank so that more is streamed"};
  } catch (const std::exception& error) {
    return Failure{ExitCode::unexpected, error.what(), "this is a defect: please report it with the job file"};
  } catch (...) {
    return Failure{ExitCode::unexpected, "something that is no std::exception was thrown",
                   "this is a defect: please report it with the job file"};
  }
}

/// What a rank lays into the maxima: the largest names the lowest rank that failed; 0 means none.
std::int64_t mark_of(const std::optional<Failure>& failure, const Communicator& comm) {
  return failure ? comm.size() - comm.rank() : 0;
}

/// Collective. Throws the failure behind the largest mark on every rank.
void throw_if_any(const std::optional<Failure>& failure, std::int64_t largest_mark, Communicator& comm) {
  if (largest_mark == 0) return;
  const int failed_rank = comm.size() - static_cast<int>(largest_mark);
  std::string message;
  if (comm.rank() == failed_rank) {
    message = std::string(1, static_cast<char>(failure->code)) + failure->what + '\0' + failure->next;
  }
  comm.broadcast(message, failed_rank);
  const std::size_t end = message.find('\0', 1);
  throw RankFailure(static_cast<ExitCode>(message.front()), failed_rank, message.substr(1, end - 1),
                    message.substr(end + 1));
}

}  // namespace

void collectively(Communicator& comm, const std::function<void()>& local_work) {
  std::vector<std::int64_t> sums, maxima;
  collectively(comm, local_work, sums, maxima);
}

void collectively(Communicator& comm, const std::function<void()>& local_work, std::vector<std::int64_t>& sums,
                  std::vector<std::int64_t>& maxima) {
  const std::optional<Failure> failure = run(local_work);
  maxima.push_back(mark_of(failure, comm));
  comm.all_reduce(sums, maxima);
  const std::int64_t largest = maxima.back();
  maxima.pop_back();
  throw_if_any(failure, largest, comm);
}

}  // namespace cohort
