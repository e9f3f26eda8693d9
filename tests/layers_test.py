#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The house rules that can be read from the files: which folder may include which, where foreign headers may stand,
which top-level folders exist, and that no file names somebody's home.

    layers_test.py ROOT         checks the files that git tracks or would track; prints each breach, exits 1 if any
    layers_test.py --self-test  breaks each rule once in a temporary tree and expects to be told
"""
import pathlib
import re
import subprocess
import sys
import tempfile

MAY_INCLUDE = {
    "core": {"core"},
    "io": {"core", "io"},
    "algorithms": {"core", "algorithms"},
    "jobs": {"core", "io", "algorithms", "jobs"},
    "tests": {"core", "io", "algorithms", "jobs", "tests"},
}
# Foreign headers that stay behind a wrapper (header, the only files that may include it); tests may check against them.
WRAPPED = [
    (r"mpi\.h|mpi-ext\.h", r"core/communicator(_node)?\.cpp"),
    (r"(hdf5|H5[A-Za-z]*|hdf5_hl)\.h", r"io/store/hdf5_\w+\.(hpp|cpp|c)"),
    (r"yaml-cpp/.*", r"core/config_node\.cpp"),
]
FOLDERS = set(MAY_INCLUDE) | {"configs"}
INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]')
HOME = re.compile(r"/(?:home|Users)/\w+/|/root/\w+")
CODE = {".cpp", ".hpp", ".c", ".h"}


def include_breaches(file, number, line):
    match = INCLUDE.match(line)
    if not match:
        return
    quote, header = match.groups()
    place, folder = f"{file}:{number}", file.split("/")[0]
    if quote == '"':
        target = header.split("/")[0]
        if "/" not in header or target not in MAY_INCLUDE:
            yield f'{place}: "{header}" is not a path from the root of the repository'
        elif target not in MAY_INCLUDE.get(folder, set()):
            yield f"{place}: {folder} may not include {target} ({header})"
    for wrapped, home in WRAPPED:
        if folder != "tests" and re.fullmatch(wrapped, header) and not re.fullmatch(home, file):
            yield f"{place}: <{header}> belongs in {home}".replace("\\", "")


def breaches(root):
    """Every breach of the rules among the files of `root`, as a line of text."""
    listing = ["git", "-c", "safe.directory=*", "-C", str(root), "ls-files", "-z", "-co", "--exclude-standard"]
    files = subprocess.run(listing, check=True, capture_output=True, text=True).stdout.split("\0")
    for file in sorted(set(filter(None, files))):
        folder = file.split("/")[0] if "/" in file else None
        if folder and folder not in FOLDERS and not folder.startswith("."):
            yield f"{file}: '{folder}' is no folder of the house"
        path = root / file
        if not path.is_file():
            continue  # deleted, not yet committed
        for number, line in enumerate(path.read_text(errors="replace").splitlines(), 1):
            if path.suffix in CODE:
                yield from include_breaches(file, number, line)
            if HOME.search(line):
                yield f"{file}:{number}: names a home folder: {HOME.search(line).group()}"


def self_test():
    clean = {
        "core/a.hpp": "#include <vector>\n",
        "core/communicator.cpp": "#include <mpi.h>\n",
        "core/config_node.cpp": "#include <yaml-cpp/yaml.h>\n",
        "io/store/hdf5_file.cpp": '#include <hdf5.h>\n#include "core/a.hpp"\n',
        "jobs/main.cpp": '#include "algorithms/b.hpp"\n#include "io/c.hpp"\n',
        ".ci/run": "#!/bin/sh\n",
    }
    broken = {
        "core/up.hpp": '#include "io/c.hpp"\n',
        "io/across.cpp": '  #  include "algorithms/b.hpp"\n',
        "algorithms/across.cpp": '#include "io/c.hpp"\n',
        "algorithms/up.cpp": '#include "jobs/d.hpp"\n',
        "jobs/mpi.cpp": "#include <mpi.h>\n",
        "core/hdf5.cpp": "#include <hdf5.h>\n",
        "io/shard.cpp": "#include <H5PLextern.h>\n",
        "jobs/yaml.cpp": "#include <yaml-cpp/yaml.h>\n",
        "io/relative.cpp": '#include "c.hpp"\n',
        "docs/page.md": "a folder too many\n",
        "configs/x.yaml": "path: /" + "home/somebody/data.csv\n",
    }
    with tempfile.TemporaryDirectory() as folder:
        root = pathlib.Path(folder)
        subprocess.run(["git", "init", "-q", folder], check=True)
        for file, text in (clean | broken).items():
            (root / file).parent.mkdir(parents=True, exist_ok=True)
            (root / file).write_text(text)
        found = list(breaches(root))
    missed = [file for file in broken if not any(line.startswith(file + ":") for line in found)]
    false_alarms = [line for line in found if line.split(":")[0] not in broken]
    print(f"{len(broken) - len(missed)} of {len(broken)} breaches found, {len(false_alarms)} false alarms")
    for line in missed + false_alarms:
        print(line)
    return 1 if missed or false_alarms else 0


def main():
    if sys.argv[1:] == ["--self-test"]:
        return self_test()
    found = list(breaches(pathlib.Path(sys.argv[1])))
    for line in found:
        print(line)
    print(f"{len(found)} breaches of the layer rule")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
