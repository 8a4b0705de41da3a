"""Downloads the archives named in sources.txt with the registries' own clients (pip, npm, apt-get).

Wheels, npm tarballs and Debian archives only: nothing is built and no package code runs. Archives that are
already there are kept, so a second run costs nothing. It knows nothing about licences or
languages: corpus.py looks inside.
"""
import argparse
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from places import HERE, WORK


def read_sources(path):
    """-> list of (registry, name, version or '', held_out), in file order, without repeats."""
    rows, seen = [], set()
    for line in open(path):
        words = line.split("#")[0].split()
        if not words:
            continue
        registry, spec = words[0], words[1]
        cut = spec.rfind("==") if registry == "pypi" else spec.rfind("@")
        name, version = (spec[:cut], spec[cut:].lstrip("=@")) if cut > 0 else (spec, "")
        if (registry, name) not in seen:
            seen.add((registry, name))
            rows.append((registry, name, version, "held-out" in words[2:]))
    return rows


def archive_path(folder, registry, name):
    """Where the archive of one package lies; its exact file name is the registry's choice."""
    return os.path.join(folder, registry, name.replace("/", "+"))


def fetch_one(folder, registry, name, version):
    place = archive_path(folder, registry, name)
    if os.path.isdir(place) and any(f.endswith((".whl", ".tgz", ".deb")) for f in os.listdir(place)):
        return True
    os.makedirs(place, exist_ok=True)
    if registry == "pypi":
        command = [sys.executable, "-m", "pip", "download", "--no-deps", "--only-binary", ":all:",
                   "--disable-pip-version-check", "-q", "-d", place,
                   name + ("==" + version if version else "")]
    elif registry == "debian":
        command = ["apt-get", "download", "-qq", name + ("=" + version if version else "")]
    else:
        command = ["npm", "pack", "--silent", "--pack-destination", place,
                   name + ("@" + version if version else "")]
    done = subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, cwd=place)
    if done.returncode:
        os.rmdir(place) if not os.listdir(place) else None
        print(f"not fetched: {registry} {name}: {done.stderr.strip()[-200:]}", flush=True)
    return done.returncode == 0


def main():
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--sources", default=os.path.join(HERE, "sources.txt"))
    options.add_argument("--archives", default=os.path.join(WORK, "archives"))
    options.add_argument("--parallel", type=int, default=4)
    a = options.parse_args()
    rows = [r for r in read_sources(a.sources) if r[0] in ("pypi", "npm", "debian")]
    with ThreadPoolExecutor(a.parallel) as pool:
        got = list(pool.map(lambda r: fetch_one(a.archives, r[0], r[1], r[2]), rows))
    print(f"{sum(got)} of {len(rows)} archives are in {a.archives}")


if __name__ == "__main__":
    main()
