#!/bin/sh
# Installs qingqian from this folder without any network.  Usage: ./install.sh [PREFIX]   (default /opt/qingqian)
set -eu
here=$(cd "$(dirname "$0")" && pwd)
prefix=${1:-/opt/qingqian}
wanted=$(cat "$here/python")
python=${PYTHON:-python$wanted}
command -v "$python" >/dev/null 2>&1 || {
  echo "install.sh: 需要 Python $wanted（找不到 $python）；请先安装，或用 PYTHON=/path/to/python ./install.sh 指定" >&2
  exit 1
}
"$python" -c "import sys; sys.exit('%d.%d' % sys.version_info[:2] != '$wanted')" || {
  echo "install.sh: $python 不是 Python $wanted，安装包里的轮子装不上；请换用 Python $wanted" >&2
  exit 1
}
(cd "$here" && sha256sum --check --quiet SHA256SUMS) || {
  echo "install.sh: 安装包不完整或被改动；请重新拷贝" >&2
  exit 1
}
"$python" -m venv "$prefix/venv"
"$prefix/venv/bin/python" -m pip install --quiet --disable-pip-version-check --no-index --no-deps "$here"/wheels/*.whl
"$prefix/venv/bin/python" -m pip check --disable-pip-version-check >/dev/null || {
  echo "install.sh: 依赖不齐；请重新制作安装包（make bundle）" >&2
  exit 1
}
mkdir -p "$prefix/share"
cp -r "$here/samples" "$here/systemd" "$prefix/share/"
echo "已安装到 $prefix；试跑：$prefix/venv/bin/qingqian nightly --inbox $prefix/share/samples/inbox --home /tmp/qingqian-try"
