// SPDX-License-Identifier: Apache-2.0
#include "jobs/launcher.hpp"

#include <fcntl.h>
#include <fmt/ranges.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <thread>

#include "core/error.hpp"
#include "jobs/child_process.hpp"
#include "jobs/mpirun_end.hpp"

namespace cohort {
namespace fs = std::filesystem;
namespace {

constexpr int first_signal_code = 128;

/// A folder where each rank leaves a line about what it does; gone at the end.
class TraceFolder {
 public:
  TraceFolder() : path_((fs::temp_directory_path() / "cohort-trace-XXXXXX").string()) {
    if (mkdtemp(path_.data()) == nullptr) throw_system_error(errno, "create", path_);
  }
  ~TraceFolder() {
    std::error_code ignored;
    fs::remove_all(path_, ignored);
  }
  TraceFolder(const TraceFolder&) = delete;
  TraceFolder& operator=(const TraceFolder&) = delete;

  [[nodiscard]] const std::string& path() const { return path_; }
  [[nodiscard]] std::string last_words(int ranks) const {
    std::string text;
    for (int rank = 0; rank < ranks; ++rank) {
      std::string doing = "not started";
      std::ifstream file(fmt::format("{}/rank-{}", path_, rank));
      std::getline(file, doing);
      text += fmt::format("  rank {} was last in: {}\n", rank, doing);
    }
    return text;
  }

 private:
  std::string path_;
};

void set_unless_set(const char* name, const char* value) {
  setenv(name, value, 0);
}

/// Open MPI's settings for ranks that may outnumber the cores of one machine.
void prepare_environment(const std::string& trace_folder) {
  setenv("COHORT_STATUS_DIR", trace_folder.c_str(), 1);
  set_unless_set("OMPI_MCA_rmaps_base_oversubscribe", "1");
  set_unless_set("OMPI_MCA_hwloc_base_binding_policy", "none");
  set_unless_set("OMPI_MCA_mpi_yield_when_idle", "1");
  set_unless_set("OMPI_MCA_pml", "ob1");
  if (geteuid() == 0) {
    set_unless_set("OMPI_ALLOW_RUN_AS_ROOT", "1");
    set_unless_set("OMPI_ALLOW_RUN_AS_ROOT_CONFIRM", "1");
  }
}

volatile std::sig_atomic_t mpirun_process = 0;

/// mpirun would end its ranks on INT and TERM; USR1 it passes on to them. Whoever asks twice means it.
void ask_ranks_to_stop(int signal_number) {
  static volatile std::sig_atomic_t asked = 0;
  if (mpirun_process > 0)
    kill(static_cast<pid_t>(mpirun_process), asked != 0 && signal_number != SIGUSR1 ? SIGTERM : SIGUSR1);
  asked = 1;
}

}  // namespace

int run_under_mpirun(int ranks, const std::vector<std::string>& arguments) {
  constexpr int most_a_core = 64;
  const int most = most_a_core * std::max(1, static_cast<int>(std::thread::hardware_concurrency()));
  if (ranks > most) {
    throw Error(ExitCode::usage, fmt::format("--ranks {}: this machine is fit for {} at most", ranks, most),
                "start fewer, or use more machines through `cohort submit`");
  }
  const TraceFolder trace;
  prepare_environment(trace.path());
  std::vector<std::string> words{"mpirun", "--quiet", "-n", std::to_string(ranks),
                                 fs::read_symlink("/proc/self/exe").string()};
  words.insert(words.end(), arguments.begin(), arguments.end());
  std::vector<char*> pointers;
  for (std::string& word : words) pointers.push_back(word.data());
  pointers.push_back(nullptr);

  const int child = fork_child("mpirun");
  if (child == 0) {
    // Out of the terminal's reach, whose INT would go to mpirun too; but not longer alive than we are.
    setpgid(0, 0);
    prctl(PR_SET_PDEATHSIG, SIGTERM);
    dup2(open("/dev/null", O_RDONLY), STDIN_FILENO);
    execvp("mpirun", pointers.data());
    fmt::print(stderr,
               "error: cannot start mpirun: it is not on the PATH\n  next: install Open MPI (Debian: openmpi-bin)\n");
    _exit(static_cast<int>(ExitCode::unavailable));
  }
  mpirun_process = child;
  for (const int signal_number : {SIGINT, SIGTERM, SIGUSR1}) std::signal(signal_number, ask_ranks_to_stop);
  const int code = wait_for_mpirun(child, ranks);
  if (code <= first_signal_code) return code;
  fmt::print(stderr,
             "error: a rank died of signal {}\n{}  next: look at that node's memory and logs, then continue with "
             "`cohort resume`\n",
             code - first_signal_code, trace.last_words(ranks));
  return static_cast<int>(ExitCode::rank_gone);
}

}  // namespace cohort
