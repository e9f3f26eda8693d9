// SPDX-License-Identifier: Apache-2.0
#include "jobs/doctor.hpp"

#include <fcntl.h>
#include <fmt/ranges.h>
#include <sys/file.h>
#include <sys/resource.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <clocale>
#include <cstdlib>
#include <cstring>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "core/collectively.hpp"
#include "core/error.hpp"
#include "core/gather.hpp"
#include "core/isa.hpp"
#include "io/durable_file.hpp"
#include "io/model_file.hpp"
#include "io/store/hdf5_file.hpp"
#include "jobs/child_process.hpp"
#include "jobs/machine.hpp"
#include "jobs/version.hpp"

namespace cohort {
namespace fs = std::filesystem;
namespace {

constexpr double gibibyte = 0x1p30;

double seconds_of(const std::function<void()>& work) {
  const auto start = std::chrono::steady_clock::now();
  work();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

/// Prints findings and counts the bad ones.
class Findings {
 public:
  explicit Findings(bool shown) : shown_(shown) {}

  void good(const std::string& what, const std::string& found) { print("ok     ", what, found); }
  void doubtful(bool doubtful, const std::string& what, const std::string& found, const std::string& advice) {
    print(doubtful ? "change " : "ok     ", what, doubtful ? found + "; " + advice : found);
  }
  void bad(const std::string& what, const std::string& found) {
    bad_ = true;
    print("FAILED ", what, found);
  }
  [[nodiscard]] bool any_bad() const { return bad_; }

 private:
  void print(const char* mark, const std::string& what, const std::string& found) const {
    if (shown_) fmt::print("{}{:<22} {}\n", mark, what, found);
  }

  bool shown_;
  bool bad_ = false;
};

void try_on(Findings& findings, const std::string& what, const std::function<std::string()>& work) {
  try {
    findings.good(what, work());
  } catch (const Error& error) {
    findings.bad(what, fmt::format("{}; {}", error.what(), error.next()));
  } catch (const std::exception& error) {
    findings.bad(what, error.what());
  }
}

/// Collective. How the ranks lie on nodes, how fast they agree, and whether their processors are equal.
void examine_ranks(Communicator& comm, Findings& findings) {
  const std::string mine = host_name() + " " + std::string(name_of(host_isa()));
  std::map<std::string, int> hosts;
  for (const Bytes& bytes : comm.all_gather(to_bytes(std::span<const char>(mine.data(), mine.size())))) {
    ++hosts[std::string(reinterpret_cast<const char*>(bytes.data()), bytes.size())];
  }
  constexpr int rounds = 1000;
  std::array<std::int64_t, 1> value{0};
  const double round_s = seconds_of([&] {
                           for (int i = 0; i < rounds; ++i) comm.all_reduce(value, {});
                         }) /
                         rounds;
  std::vector<std::string> words;
  std::set<std::string> levels;
  for (const auto& [host, ranks] : hosts) {
    words.push_back(fmt::format("{} x {}", ranks, host));
    levels.insert(host.substr(host.find(' ') + 1));
  }
  findings.good("ranks", fmt::format("{}: {}", comm.size(), fmt::join(words, ", ")));
  findings.doubtful(levels.size() > 1, "instruction level", fmt::format("{}", fmt::join(levels, ", ")),
                    "the lowest is used; bits are promised within one level, so set run.isa to compare runs");
  findings.doubtful(round_s > 1e-3, "agreement of the ranks", fmt::format("{:.1f} us", round_s * 1e6),
                    "with more ranks than cores set OMPI_MCA_mpi_yield_when_idle=1; else look whether shared memory "
                    "or the fast network is in use");
}

/// Collective. What one rank writes in the folder of a run all must see.
void examine_sharing(Communicator& comm, const fs::path& folder, Findings& findings) {
  const std::string path = (folder / ".doctor-shared").string();
  collectively(comm, [&] {
    if (comm.rank() == 0) write_file(path, "x");
  });
  std::error_code none;
  std::array<std::int64_t, 1> blind{fs::exists(path, none) ? 0 : 1};
  comm.all_reduce(blind, {});
  if (comm.rank() == 0) fs::remove(path, none);
  const std::string found = fmt::format("{} of {} ranks see {}", comm.size() - blind[0], comm.size(), folder.string());
  blind[0] == 0 ? findings.good("shared folder", found)
                : findings.bad("shared folder", found + "; --out must be on a file system that all nodes have");
}

void examine_node(Findings& findings) {
  const double memory = static_cast<double>(default_memory()) / gibibyte;
  rlimit space{};
  getrlimit(RLIMIT_AS, &space);
  const bool narrow = space.rlim_cur != RLIM_INFINITY && static_cast<double>(space.rlim_cur) < memory * gibibyte * 2;
  findings.doubtful(memory < 0.25 || narrow, "memory of a rank",
                    fmt::format("{:.2f} GiB, 80 % of its share of {}", memory, memory_source()),
                    narrow ? "`ulimit -v` leaves less room than that: lift it"
                           : "use fewer ranks on a node, or raise the limit of the control group");
  findings.good("threads of a rank", std::to_string(default_threads()));
  rlimit files{};
  getrlimit(RLIMIT_NOFILE, &files);
  findings.doubtful(files.rlim_cur < 1024, "open files", std::to_string(files.rlim_cur), "set `ulimit -n 4096`");
  struct statvfs shared {};
  const bool found = ::statvfs("/dev/shm", &shared) == 0;
  const double free = found ? static_cast<double>(shared.f_bavail) * static_cast<double>(shared.f_frsize) : 0;
  findings.doubtful(free < 0x1p26, "shared memory", fmt::format("{:.2f} GiB free in /dev/shm", free / gibibyte),
                    "ranks of one node meet there: enlarge it, or clear what dead jobs left");
  const char* locale = std::setlocale(LC_ALL, nullptr);
  findings.good("locale, time zone", fmt::format("{}, {}: neither changes a result", locale,
                                                 std::getenv("TZ") != nullptr ? std::getenv("TZ") : "system"));
  const Finished mpirun = run_and_read({"mpirun", "--version"});
  findings.doubtful(mpirun.code != 0, "mpirun", mpirun.output.substr(0, mpirun.output.find('\n')),
                    "install Open MPI, or start ranks by srun");
  const Finished slurm = run_and_read({"sbatch", "--version"});
  findings.good("Slurm",
                slurm.code == 0 ? slurm.output.substr(0, slurm.output.find('\n')) : "none: no `cohort submit`");
}

/// 0, or why the lock that guards a dataset cannot be had on this file.
int lock_error(const std::string& path) {
  const int file = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (file < 0) return errno;
  const int error = ::flock(file, LOCK_EX | LOCK_NB) == 0 ? 0 : errno;
  ::close(file);
  return error;
}

void examine_folder(const fs::path& folder, Findings& findings) {
  const std::string path = (folder / fmt::format(".doctor-{}", ::getpid())).string();
  try_on(findings, "write, fsync, rename", [&] {
    const std::string text(std::size_t{64} << 20, 'x');
    const double large_s = seconds_of([&] { write_file(path, text); });
    const double small_s = seconds_of([&] { write_file(path, "x"); });
    return fmt::format("64 MiB at {:.2f} GB/s, a small file in {:.1f} ms",
                       static_cast<double>(text.size()) / large_s * 1e-9, small_s * 1e3);
  });
  try_on(findings, "HDF5 " + hdf5_version(), [&] {
    ModelFile model{.kind = "doctor", .version = 1, .arrays = {{"x", std::vector<double>{1, 2, 3}}}};
    model.save(path);
    if (ModelFile::load(path).arrays.at("x") != model.arrays.at("x"))
      throw Error(ExitCode::io_error, "a file came back changed");
    return fmt::format(
        "a file was written, closed and read; HDF5_USE_FILE_LOCKING is {}",
        std::getenv("HDF5_USE_FILE_LOCKING") != nullptr ? std::getenv("HDF5_USE_FILE_LOCKING") : "unset");
  });
  const int locked = lock_error(path);
  findings.doubtful(locked != 0, "file locks", locked == 0 ? "work" : std::strerror(locked),
                    "set HDF5_USE_FILE_LOCKING=FALSE, mount with locks (Lustre: -o flock), or put --out elsewhere: "
                    "without them nothing keeps two jobs from writing one dataset");
  std::error_code none;
  fs::remove(path, none);
  const fs::space_info space = fs::space(folder, none);
  findings.doubtful(space.available < (std::uintmax_t{1} << 30), "free space",
                    fmt::format("{:.1f} GiB in {}", static_cast<double>(space.available) / gibibyte, folder.string()),
                    "a run keeps its dataset, results and, while it ingests, spilled rows there");
}

}  // namespace

int examine_installation(Communicator& comm, const fs::path& folder) {
  Findings findings(comm.rank() == 0);
  findings.good("cohort", version_text());
  examine_ranks(comm, findings);
  examine_sharing(comm, folder, findings);
  std::array<std::int64_t, 1> bad{0};
  collectively(comm, [&] {
    if (comm.rank() != 0) return;
    examine_node(findings);
    examine_folder(folder, findings);
    bad[0] = findings.any_bad() ? 1 : 0;
  });
  comm.all_reduce({}, bad);
  return static_cast<int>(bad[0] == 0 ? ExitCode::success : ExitCode::unavailable);
}

}  // namespace cohort
