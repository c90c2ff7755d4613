#!/bin/sh
# Installs what the console needs and this machine lacks; does nothing, quickly, when nothing is missing.
#
#   sh resources/setup.sh            what running needs: system libraries, a CJK font, a player for the alarm sound, uv,
#                                    the Python packages
#   sh resources/setup.sh --tests    besides: the programs the tests talk to, and the test packages.  (It brings gpsd,
#                                    which may take a GNSS receiver for itself: not for the vehicle's own computer.)
#
# Afterwards `uv run main.py` needs no network.  Exit: 0 all is there, 1 something is lacking (said plainly), 2 usage.
set -u

RUN_PACKAGES="fontconfig libdbus-1-3 libegl1 libfontconfig1 libgl1 libglib2.0-0 libgssapi-krb5-2 libwayland-client0
libwayland-cursor0 libwayland-egl1 libx11-xcb1 libxcb-cursor0 libxcb-icccm4 libxcb-image0 libxcb-keysyms1 libxcb-randr0
libxcb-render-util0 libxcb-render0 libxcb-shape0 libxcb-shm0 libxcb-sync1 libxcb-util1 libxcb-xfixes0 libxcb-xkb1
libxkbcommon-x11-0 libxkbcommon0 libzstd1"
RUN_LIBRARIES="libEGL.so.1 libGL.so.1 libX11-xcb.so.1 libdbus-1.so.3 libfontconfig.so.1 libglib-2.0.so.0
libgssapi_krb5.so.2 libgthread-2.0.so.0 libwayland-client.so.0 libxcb-cursor.so.0 libxcb-icccm.so.4 libxcb-image.so.0
libxcb-keysyms.so.1 libxcb-randr.so.0 libxcb-render-util.so.0 libxcb-render.so.0 libxcb-shape.so.0 libxcb-shm.so.0
libxcb-sync.so.1 libxcb-util.so.1 libxcb-xfixes.so.0 libxcb-xkb.so.1 libxkbcommon-x11.so.0 libxkbcommon.so.0 libzstd.so.1"
TEST_PACKAGES="curl direwolf e2fsprogs espeak-ng ffmpeg gir1.2-gst-rtsp-server-1.0 gpsd gpsd-clients iperf3 gstreamer1.0-plugins-bad
gstreamer1.0-plugins-base gstreamer1.0-plugins-good gstreamer1.0-plugins-ugly gstreamer1.0-tools iproute2 mosquitto
mosquitto-clients mount nut-server openssl procps python3-gi snmpd socat util-linux xauth xvfb"
TEST_PROGRAMS="Xvfb curl direwolf espeak-ng ffmpeg ffprobe gen_packets gpsd gpspipe gst-launch-1.0 ip iperf3 mkfs.ext4 mosquitto
mosquitto_pub mount openssl snmpd socat unshare upsd"
FONT_PACKAGE="fonts-noto-cjk"
SOUND_PACKAGE="alsa-utils"
UV_VERSION="0.13.9"
UV_OLDEST="0.8"

ROOT=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd) || exit 1
CALLER_PATH="$PATH"
PATH="$PATH:/usr/sbin:/sbin"
HOME="${HOME:-/root}"
WITH_TESTS=no
LACKS=0

say() { printf '%s\n' "$*" >&2; }
lacks() { LACKS=1; say "缺少 / lacking: $1"; [ -z "${2:-}" ] || say "  办法 / remedy: $2"; }
has() { command -v "$1" >/dev/null 2>&1; }

# ---- who installs: root, sudo, or nobody

as_root() {
    if [ "$(id -u)" -eq 0 ]; then "$@"; else sudo "$@"; fi
}

can_be_root() {
    [ "$(id -u)" -eq 0 ] && return 0
    has sudo || return 1
    sudo -n true 2>/dev/null && return 0
    [ -t 0 ] || return 1
    say "安装系统软件包需要管理员密码 / installing system packages needs the administrator's password"
    sudo -v
}

# ---- system packages

# Newer Debian and Ubuntu renamed some libraries with the ending t64; either name will do.
missing_packages() {
    installed=" $(for name in "$@"; do printf '%s %st64 ' "$name" "$name"; done |
        xargs dpkg-query -W -f='${Package}=${db:Status-Status}\n' 2>/dev/null |
        sed -n 's/=installed$//p' | tr '\n' ' ') "
    for name in "$@"; do
        case "$installed" in *" $name "* | *" ${name}t64 "*) ;; *) printf '%s ' "$name" ;; esac
    done
}

has_chinese_font() {
    if has fc-list; then [ -n "$(fc-list :lang=zh-cn family 2>/dev/null | head -n 1)" ] && return 0; fi
    has dpkg-query && [ -z "$(missing_packages "$FONT_PACKAGE")" ]
}

# Something that plays the alarm sound: any of the programs that console/sound.py knows.
has_player() { has pw-play || has paplay || has aplay || has play; }

is_python_new_enough() { "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; }

find_python() {
    for name in python3 python3.11 python3.12 python3.13 python3.14; do
        has "$name" && is_python_new_enough "$name" && { command -v "$name"; return 0; }
    done
    return 1
}

uv_works() {
    has uv || return 1
    found=$(uv --version 2>/dev/null | awk '{print $2}')
    [ -n "$found" ] && [ "$(printf '%s\n%s\n' "$UV_OLDEST" "$found" | sort -V | head -n 1)" = "$UV_OLDEST" ]
}

# Python, and what makes a venv with pip: needed only to install uv, which brings a Python where there is none.
python_packages() {
    uv_works && return
    python=$(find_python) || { missing_packages python3 python3-venv; return; }
    "$python" -c 'import ensurepip, venv' 2>/dev/null || printf 'python3-venv '
}

install_packages() {
    if ! can_be_root; then
        lacks "$*" "以管理员身份运行 / as administrator: apt-get install $*"
        return
    fi
    say "安装 / installing: $*"
    export DEBIAN_FRONTEND=noninteractive
    is_fetched=yes
    as_root apt-get -qq update >&2 || is_fetched=no  # an odd source may fail while the others do
    # shellcheck disable=SC2024
    as_root env DEBIAN_FRONTEND=noninteractive apt-get -qq -y --no-install-recommends install "$@" >&2 && return
    if [ "$is_fetched" = no ]; then
        lacks "$*" "检查网络和软件源后重新运行 / check network and package source, then run this again"
        return
    fi
    for name in "$@"; do  # one at a time, so that one name this system does not know holds nothing else up
        as_root env DEBIAN_FRONTEND=noninteractive apt-get -qq -y --no-install-recommends install "$name" >&2 ||
            lacks "$name" "检查网络和软件源后重新运行 / check network and package source, then run this again"
    done
}

check_packages() {
    names="$RUN_PACKAGES"
    [ "$WITH_TESTS" = no ] || names="$names $TEST_PACKAGES"
    # shellcheck disable=SC2086
    names="$(missing_packages $names)$(python_packages)"
    has_chinese_font || names="$names$FONT_PACKAGE "
    has_player || names="$names$SOUND_PACKAGE"
    # shellcheck disable=SC2086
    [ -z "$names" ] || install_packages $names
    bring_python
}

# An older system may have a newer Python beside its own; else uv downloads one, from a place not every net reaches.
bring_python() {
    find_python >/dev/null && return
    is_python_new_enough "$ROOT/.venv/bin/python" && return
    can_be_root || return 0
    say "安装 / installing: python3.11"
    as_root env DEBIAN_FRONTEND=noninteractive apt-get -qq -y --no-install-recommends install python3.11 >/dev/null 2>&1 ||
        say "本系统没有 python3.11,由 uv 下载 / this system has no python3.11: uv downloads it"
}

# Not a Debian: say by the names of the files what is not there; their packages have other names everywhere.
check_files() {
    known=$(ldconfig -p 2>/dev/null)
    if [ -n "$known" ]; then
        for name in $RUN_LIBRARIES; do
            case "$known" in *"$name "*) ;; *) lacks "$name" "用本系统的软件包管理器安装 / install it with this system's package manager" ;; esac
        done
    fi
    has_chinese_font || lacks "中文字体 / a CJK font" "例如 Noto Sans CJK / for instance Noto Sans CJK"
    has_player || lacks "播放报警声的程序 / a program that plays the alarm sound" "pw-play, paplay, aplay"
    [ "$WITH_TESTS" = yes ] || return 0
    for name in $TEST_PROGRAMS; do
        has "$name" || lacks "$name" "测试需要 / the tests need it"
    done
}

# ---- uv and the Python packages

# The shell that called us goes on with `uv run ...`: so uv must lie in a folder that is on its PATH already.
folder_for_uv() {
    if [ "$(id -u)" -eq 0 ]; then echo /usr/local/bin; return; fi
    for folder in "$HOME/.local/bin" "$HOME/bin"; do
        case ":$PATH:" in *":$folder:"*) echo "$folder"; return ;; esac
    done
    echo "$HOME/.local/bin"
}

install_uv() {
    python=$(find_python) || python=$(command -v python3) ||
        { lacks "uv, Python 3" "先安装 Python 3 / install Python 3 first"; return 1; }
    home="$HOME/.local/share/command-post/uv"
    [ "$(id -u)" -ne 0 ] || home=/usr/local/lib/command-post/uv
    folder=$(folder_for_uv)
    say "安装 / installing: uv $UV_VERSION -> $folder/uv"
    if ! { "$python" -m venv --clear "$home" && "$home/bin/python" -m pip install --quiet \
            --disable-pip-version-check "uv==$UV_VERSION" && mkdir -p "$folder" && ln -sf "$home/bin/uv" "$folder/uv"; } >&2
    then
        lacks uv "检查网络后重新运行,或自行安装 uv $UV_OLDEST 以上 / check the network and run this again, or install uv >= $UV_OLDEST yourself"
        return 1
    fi
    hash -r
    PATH="$folder:$PATH"
    case ":$CALLER_PATH:" in
        *":$folder:"*) ;;
        *) lacks "$folder 不在 PATH 中 / is not on PATH" "export PATH=\"$folder:\$PATH\"" ;;
    esac
}

sync_packages() {
    # --inexact: what --tests once brought stays.  Offline first: that is quick and enough when all is there.
    set -- --project "$ROOT" --frozen --inexact --no-default-groups
    # The import extra too: the tests make small maps with its libraries.  Plain running does without GDAL.
    [ "$WITH_TESTS" = no ] || set -- "$@" --group dev --extra import
    find_python >/dev/null || set -- "$@" --python 3.11  # uv fetches one: the one that is tested
    uv sync --quiet --offline "$@" 2>/dev/null && return
    say "安装 Python 软件包 / installing the Python packages"
    uv sync "$@" >&2 && return
    lacks "Python 软件包 / Python packages" "检查网络后重新运行 / check the network and run this again"
}

# Python programs of others that the tests talk to: each in an environment of its own, away from ours.
install_peer() {
    name=$1
    home="${XDG_CACHE_HOME:-$HOME/.cache}/command-post/peers/$name"
    shift
    [ -e "$home/finished" ] && return
    say "安装 / installing: $* -> $home"
    uv venv --quiet --no-project --clear "$home" >&2 && uv pip install --quiet --python "$home/bin/python" "$@" >&2 &&
        mkdir -p "$home" && printf '%s\n' "$*" >"$home/finished" && return
    lacks "$name" "检查网络后重新运行 / check the network and run this again"
}

# ---- in order

case "${1:-}" in
    "") ;;
    --tests) WITH_TESTS=yes ;;
    *) sed -n '2,9s/^# \{0,1\}//p' "$0" >&2; exit 2 ;;
esac
if has apt-get && has dpkg-query; then check_packages; else check_files; fi
if uv_works || install_uv; then
    sync_packages
    if [ "$WITH_TESTS" = yes ]; then
        install_peer taky taky==0.10 "setuptools<81"  # it asks pkg_resources for its version
        install_peer meshtastic meshtastic==2.7.11
        install_peer ipycam ipycam==1.3.0
    fi
fi
if [ "$LACKS" -ne 0 ]; then
    say "未装全 / not everything is there"
    exit 1
fi
