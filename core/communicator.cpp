// SPDX-License-Identifier: Apache-2.0
#include "core/communicator.hpp"

#include <mpi.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <exception>
#include <optional>
#include <thread>
#include <utility>

#include "core/add_integers.hpp"
#include "core/communicator_node.hpp"
#include "core/error.hpp"
#include "core/fault_points.hpp"
#include "core/metrics.hpp"
#include "core/watchdog.hpp"

namespace cohort {
namespace {

constexpr std::int64_t piece_bytes = std::int64_t{256} << 20;
constexpr std::int64_t piece_values = piece_bytes / 8;

/// A message is (number of sums, overflowed?, sums, maxima), so that one call carries both kinds and no sum wraps
/// unseen.
constexpr std::int64_t header_values = 2;

void combine_sums_and_maxima(void* in_pointer, void* inout_pointer, int* count, MPI_Datatype* type) {
  int bytes = 0;
  MPI_Type_size(*type, &bytes);
  const std::int64_t length = bytes / 8;
  for (int message = 0; message < *count; ++message) {
    const auto* in = static_cast<const std::int64_t*>(in_pointer) + message * length;
    auto* inout = static_cast<std::int64_t*>(inout_pointer) + message * length;
    const std::int64_t sums = in[0], maxima = length - header_values - sums;
    const bool passed = add_integers(in + header_values, inout + header_values, sums);
    inout[1] = passed || (in[1] | inout[1]) != 0 ? 1 : 0;
    take_larger(in + header_values + sums, inout + header_values + sums, maxima);
  }
}

// MPI hands an operation no object of its own, and reduce_scatter has no room for a flag in its message.
bool a_sum_overflowed = false;

void add_checked(void* in, void* inout, int* count, MPI_Datatype*) {
  a_sum_overflowed |= add_integers(static_cast<const std::int64_t*>(in), static_cast<std::int64_t*>(inout), *count);
}

[[noreturn]] void throw_overflow() {
  throw Error(ExitCode::numerical, "an integer sum over all ranks passed 2^63",
              "declare a smaller decimal scale, or drop the rows with huge values");
}

}  // namespace

struct Communicator::Handle {
  MPI_Comm comm = MPI_COMM_NULL;
  MPI_Comm farewell = MPI_COMM_NULL;  ///< of its own, since a rank may have left a call of `comm` halfway
  MPI_Op sums_and_maxima = MPI_OP_NULL;
  MPI_Op checked_sum = MPI_OP_NULL;
  std::optional<CommunicatorNode> node;

  /// Collective. Through the library, in messages of both kinds; returns whether a sum passed 2^63.
  bool all_reduce(std::span<std::int64_t> sums, std::span<std::int64_t> maxima) const;
};

/// One collective call, as the watchdog and the accounts see it.
class Communicator::Call {
 public:
  Call(Communicator& comm, Verb verb)
      : watchdog_(comm.watchdog_.get()),
        phase_(comm.traffic_[comm.phase_]),
        traffic_(phase_.by_verb[static_cast<std::size_t>(verb)]),
        cpu_start_(process_cpu_seconds()) {
    fault_point("communicator.call");
    if (watchdog_ != nullptr) watchdog_->arrive(verb_names[static_cast<std::size_t>(verb)], comm.phase_);
  }
  ~Call() {
    if (watchdog_ != nullptr) watchdog_->leave();
    phase_.cpu_s += process_cpu_seconds() - cpu_start_;
  }
  Call(const Call&) = delete;
  Call& operator=(const Call&) = delete;

  void count(std::int64_t bytes_sent) {
    ++traffic_.calls;
    traffic_.bytes_sent += bytes_sent;
  }

 private:
  Watchdog* watchdog_;
  PhaseTraffic& phase_;
  Traffic& traffic_;
  double cpu_start_;
};

Traffic PhaseTraffic::total() const {
  Traffic all;
  for (const Traffic& traffic : by_verb) {
    all.calls += traffic.calls;
    all.bytes_sent += traffic.bytes_sent;
  }
  return all;
}

void Communicator::watch(const std::string& folder, double timeout_s) {
  const auto give_up = [this](const std::string& what) {
    if (!what.empty()) {
      fmt::print(stderr,
                 "error: {}\n  next: look at the nodes of these ranks, then continue with `cohort resume`; "
                 "run.comm_timeout is the limit\n",
                 what);
    }
    // The library may hold a lock that the stuck call never gives back.
    ::alarm(2);
    abort(static_cast<int>(ExitCode::rank_gone));
  };
  const auto tell = [](const std::string& what) { fmt::print(stderr, "note: {}\n", what); };
  watchdog_ = std::make_unique<Watchdog>(Watchdog::Settings{
      .rank = rank_, .size = size_, .folder = folder, .timeout_s = timeout_s, .give_up = give_up, .tell = tell});
}

Communicator::Communicator() : handle_(std::make_unique<Handle>()) {
  int provided = 0;
  MPI_Init_thread(nullptr, nullptr, MPI_THREAD_FUNNELED, &provided);
  if (provided < MPI_THREAD_FUNNELED) {
    throw Error(ExitCode::unavailable, "this MPI library does not allow threads",
                "use an MPI built with thread support");
  }
  MPI_Comm_dup(MPI_COMM_WORLD, &handle_->comm);
  MPI_Comm_dup(MPI_COMM_WORLD, &handle_->farewell);
  MPI_Op_create(combine_sums_and_maxima, 1, &handle_->sums_and_maxima);
  MPI_Op_create(add_checked, 1, &handle_->checked_sum);
  MPI_Comm_rank(handle_->comm, &rank_);
  MPI_Comm_size(handle_->comm, &size_);
  handle_->node.emplace();
}

Communicator::~Communicator() {
  // Finalizing while an exception unwinds would wait for ranks that never come.
  if (std::uncaught_exceptions() > 0) return;
  watchdog_.reset();
  handle_->node.reset();
  MPI_Op_free(&handle_->sums_and_maxima);
  MPI_Op_free(&handle_->checked_sum);
  MPI_Comm_free(&handle_->farewell);
  MPI_Comm_free(&handle_->comm);
  MPI_Finalize();
}

bool Communicator::Handle::all_reduce(std::span<std::int64_t> sums, std::span<std::int64_t> maxima) const {
  const auto total = static_cast<std::int64_t>(sums.size() + maxima.size());
  const auto value_at = [&](std::int64_t i) -> std::int64_t& {
    const auto at = static_cast<std::size_t>(i);
    return at < sums.size() ? sums[at] : maxima[at - sums.size()];
  };
  bool passed = false;
  std::vector<std::int64_t> message;
  for (std::int64_t begin = 0; begin < total; begin += piece_values) {
    const std::int64_t end = std::min(total, begin + piece_values);
    const auto sums_end = std::clamp(static_cast<std::int64_t>(sums.size()), begin, end);
    message.reserve(static_cast<std::size_t>(end - begin + header_values));
    message.assign({sums_end - begin, 0});
    for (std::int64_t i = begin; i < end; ++i) message.push_back(value_at(i));
    MPI_Datatype type = MPI_DATATYPE_NULL;
    MPI_Type_contiguous(static_cast<int>(message.size()), MPI_INT64_T, &type);
    MPI_Type_commit(&type);
    MPI_Allreduce(MPI_IN_PLACE, message.data(), 1, type, sums_and_maxima, comm);
    MPI_Type_free(&type);
    passed |= message[1] != 0;
    for (std::int64_t i = begin; i < end; ++i)
      value_at(i) = message[static_cast<std::size_t>(i - begin + header_values)];
  }
  return passed;
}

void Communicator::all_reduce(std::span<std::int64_t> sums, std::span<std::int64_t> maxima) {
  const auto values = static_cast<std::int64_t>(sums.size() + maxima.size());
  const bool by_node = handle_->node->carries(values);
  Call call(*this, by_node ? Verb::node_reduce : Verb::all_reduce);
  call.count((by_node ? values : values + header_values) * 8);
  if (by_node ? handle_->node->all_reduce(sums, maxima) : handle_->all_reduce(sums, maxima)) throw_overflow();
}

std::vector<std::int64_t> Communicator::reduce_scatter(std::span<const std::int64_t> values,
                                                       std::span<const std::int64_t> counts) {
  std::vector<std::int64_t> mine(static_cast<std::size_t>(counts[static_cast<std::size_t>(rank_)]));
  const std::int64_t longest = *std::max_element(counts.begin(), counts.end());
  std::vector<std::int64_t> message;
  std::vector<int> pieces(counts.size());
  // Pieces take the same stretch of every rank's part, so that each call is again a reduce-scatter.
  const std::int64_t stretch = std::max<std::int64_t>(1, piece_values / size_);
  for (std::int64_t begin = 0; begin < longest; begin += stretch) {
    message.clear();
    std::int64_t part_begin = 0;
    for (std::size_t r = 0; r < counts.size(); ++r) {
      const std::int64_t from = std::min(begin, counts[r]);
      const std::int64_t to = std::min(begin + stretch, counts[r]);
      message.insert(message.end(), values.begin() + part_begin + from, values.begin() + part_begin + to);
      pieces[r] = static_cast<int>(to - from);
      part_begin += counts[r];
    }
    std::int64_t* into = mine.data() + std::min<std::int64_t>(begin, static_cast<std::int64_t>(mine.size()));
    Call call(*this, Verb::reduce_scatter);
    MPI_Reduce_scatter(message.data(), into, pieces.data(), MPI_INT64_T, handle_->checked_sum, handle_->comm);
    call.count(static_cast<std::int64_t>(message.size()) * 8);
  }
  std::array<std::int64_t, 1> overflowed{std::exchange(a_sum_overflowed, false) ? 1 : 0};
  all_reduce({}, overflowed);
  if (overflowed[0] != 0) throw_overflow();
  return mine;
}

std::vector<Bytes> Communicator::exchange(std::vector<Bytes> to) {
  Call call(*this, Verb::exchange);
  const auto ranks = static_cast<std::size_t>(size_);
  std::vector<std::int64_t> sizes(ranks), incoming(ranks);
  for (std::size_t r = 0; r < ranks; ++r) sizes[r] = static_cast<std::int64_t>(to[r].size());
  MPI_Alltoall(sizes.data(), 1, MPI_INT64_T, incoming.data(), 1, MPI_INT64_T, handle_->comm);

  fault_point("communicator.exchange");
  std::vector<Bytes> from(ranks);
  std::vector<MPI_Request> requests;
  const auto post = [&](Bytes& bytes, const auto& start) {
    for (std::size_t at = 0; at < bytes.size(); at += static_cast<std::size_t>(piece_bytes)) {
      const auto length = static_cast<int>(std::min(bytes.size() - at, static_cast<std::size_t>(piece_bytes)));
      requests.emplace_back();
      start(bytes.data() + at, length, &requests.back());
    }
  };
  std::int64_t sent = 0;
  for (std::size_t step = 0; step < ranks; ++step) {
    const std::size_t source = (static_cast<std::size_t>(rank_) + ranks - step) % ranks;
    if (step == 0) continue;
    from[source].resize(static_cast<std::size_t>(incoming[source]));
    post(from[source], [&](std::byte* data, int length, MPI_Request* request) {
      MPI_Irecv(data, length, MPI_BYTE, static_cast<int>(source), 0, handle_->comm, request);
    });
  }
  for (std::size_t step = 1; step < ranks; ++step) {
    const std::size_t target = (static_cast<std::size_t>(rank_) + step) % ranks;
    sent += sizes[target];
    post(to[target], [&](std::byte* data, int length, MPI_Request* request) {
      MPI_Isend(data, length, MPI_BYTE, static_cast<int>(target), 0, handle_->comm, request);
    });
  }
  MPI_Waitall(static_cast<int>(requests.size()), requests.data(), MPI_STATUSES_IGNORE);
  from[static_cast<std::size_t>(rank_)] = std::move(to[static_cast<std::size_t>(rank_)]);
  call.count(sent);
  return from;
}

std::vector<Bytes> Communicator::all_gather(const Bytes& mine) {
  Call call(*this, Verb::all_gather);
  const auto ranks = static_cast<std::size_t>(size_);
  const auto size = static_cast<std::int64_t>(mine.size());
  std::vector<std::int64_t> sizes(ranks);
  MPI_Allgather(&size, 1, MPI_INT64_T, sizes.data(), 1, MPI_INT64_T, handle_->comm);

  std::vector<Bytes> from(ranks);
  Bytes piece;
  std::vector<int> lengths(ranks), places(ranks);
  // Pieces take the same stretch of every rank's bytes, so that each call is again an all-gather.
  const std::int64_t longest = *std::ranges::max_element(sizes);
  const std::int64_t stretch = std::max<std::int64_t>(1, piece_bytes / size_);
  for (std::int64_t begin = 0; begin < longest; begin += stretch) {
    int length = 0;
    for (std::size_t r = 0; r < ranks; ++r) {
      places[r] = length;
      lengths[r] = static_cast<int>(std::clamp<std::int64_t>(sizes[r] - begin, 0, stretch));
      length += lengths[r];
    }
    piece.resize(static_cast<std::size_t>(length));
    MPI_Allgatherv(mine.data() + std::min(begin, size), lengths[static_cast<std::size_t>(rank_)], MPI_BYTE,
                   piece.data(), lengths.data(), places.data(), MPI_BYTE, handle_->comm);
    for (std::size_t r = 0; r < ranks; ++r) {
      from[r].insert(from[r].end(), piece.begin() + places[r], piece.begin() + places[r] + lengths[r]);
    }
  }
  call.count(size * (size_ - 1));
  return from;
}

void Communicator::broadcast(Bytes& bytes, int root) {
  Call call(*this, Verb::broadcast);
  auto size = static_cast<std::int64_t>(bytes.size());
  MPI_Bcast(&size, 1, MPI_INT64_T, root, handle_->comm);
  bytes.resize(static_cast<std::size_t>(size));
  for (std::int64_t at = 0; at < size; at += piece_bytes) {
    MPI_Bcast(bytes.data() + at, static_cast<int>(std::min(piece_bytes, size - at)), MPI_BYTE, root, handle_->comm);
  }
  call.count(rank_ == root ? size : 0);
}

void Communicator::broadcast(std::string& text, int root) {
  const auto view = std::as_bytes(std::span(text));
  Bytes bytes(view.begin(), view.end());
  broadcast(bytes, root);
  text.assign(reinterpret_cast<const char*>(bytes.data()), bytes.size());
}

bool Communicator::all_leave(double seconds) {
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::duration<double>(seconds);
  MPI_Request request = MPI_REQUEST_NULL;
  MPI_Ibarrier(handle_->farewell, &request);
  int done = 0;
  for (MPI_Test(&request, &done, MPI_STATUS_IGNORE); done == 0; MPI_Test(&request, &done, MPI_STATUS_IGNORE)) {
    if (std::chrono::steady_clock::now() > deadline) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  return true;
}

void Communicator::abort(int exit_code) {
  MPI_Abort(MPI_COMM_WORLD, exit_code);
  std::abort();
}

}  // namespace cohort
