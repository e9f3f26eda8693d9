// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "core/communicator.hpp"

namespace cohort {

/// The states of the loops that run now, outermost first. At boundaries rank 0 packs them; now and then, and when
/// the job is asked to stop, they are saved. States are equal on all ranks and know nothing of ranks or threads, so any
/// number of them can go on from there.
class Checkpoints {
 public:
  using Pack = std::function<std::string()>;
  using Save = std::function<void(const std::string& packed)>;

  /// Collective. `saved` (read on rank 0) is what `save` was last given by an earlier run of the same work, or empty.
  /// `every_s` seconds pass between two savings.
  Checkpoints(Communicator& comm, std::string saved, Save save, double every_s);

  /// A loop begins: returns its packed state of the earlier run, or nothing. `pack` yields the state at a boundary. The
  /// state of a loop around it must tell which of several loops of one name this is; outermost ones are counted.
  [[nodiscard]] std::string enter(const std::string& name, Pack pack);
  void leave();
  /// Collective. All states are whole here: keeps them, and saves them if that is due.
  void boundary();
  /// Collective. Saves the states of the last boundary, if there was one.
  void save_last();

 private:
  struct Entry {
    std::string path, packed;
    Pack pack;
  };

  void save();

  Communicator& comm_;
  Save save_;
  std::chrono::duration<double> every_;
  std::chrono::steady_clock::time_point saved_at_, packed_at_;
  std::vector<Entry> running_, restored_;
  std::int64_t entered_ = 0;  ///< outermost loops
  std::string last_;          ///< of the last boundary, not saved yet; rank 0
};

}  // namespace cohort
