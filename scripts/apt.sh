# Shared by the setup scripts: installing with apt-get, or saying exactly what to type.
# Sourced, with $tool (a name for messages) and $self (the script's path) set.
# shellcheck shell=bash
export LC_ALL=C.UTF-8

say() { printf '%s: %s\n' "$tool" "$*"; }
die() { printf "$tool: %s\n" "$@" >&2; exit 1; }

# as_root runs a command as root, or fails where that is not possible.
as_root() {
  if [ "$(id -u)" = 0 ]; then
    "$@"
  elif command -v sudo >/dev/null 2>&1; then
    # Without a terminal nobody can answer a password prompt.
    if [ -t 0 ]; then sudo "$@" </dev/tty; else sudo -n "$@"; fi
  else
    return 126
  fi
}

# begin_install ADVICE waits for another run of the same script and makes the directory
# $work. The ADVICE closes the messages that say what to type.
begin_install() {
  advice=$1
  exec 9<"$self" # the script itself is the lock file, so nothing is left behind
  if ! flock -n 9; then
    say "another run is under way, waiting for it"
    flock -w 900 9 || die "the other run has not ended in 15 minutes. Look for it with: ps aux | grep $tool"
    waited=yes
  fi
  work=$(mktemp -d)
  chmod 755 "$work" # apt reads and writes here as its own unprivileged user
  trap 'rm -rf "$work"' EXIT
  log=$work/log
}

# need_root ends with what to type where this account cannot become root.
need_root() {
  if as_root true 2>/dev/null; then return 0; fi
  if command -v sudo >/dev/null 2>&1; then
    die "installing needs root, and sudo asks for a password that nobody here can type." "Type in a terminal: sudo $self" "$advice"
  fi
  die "installing needs root, and there is no sudo." "Type: su -c $self" "$advice"
}

# logged runs a command quietly and shows the end of its output only where it fails.
logged() {
  if "$@" >"$log" 2>&1 </dev/null; then return 0; fi
  tail -n 40 "$log" >&2
  return 1
}

apt() {
  as_root env DEBIAN_FRONTEND=noninteractive UCF_FORCE_CONFFOLD=1 apt-get -qq \
    -o DPkg::Lock::Timeout=600 -o Dpkg::Options::=--force-confold -o Dpkg::Use-Pty=0 "$@"
}

# refresh fetches the package lists; a second time it fails instead.
refreshed=
refresh() {
  if [ -n "$refreshed" ]; then return 1; fi
  refreshed=yes
  say "fetching the package lists (apt-get update)"
  logged apt update || die "apt-get update failed (see above). Is the network there? Once it works, type: $self" "$advice"
}

# candidate prints the version of a package that the configured repositories offer.
candidate() { apt-cache policy "$1" 2>/dev/null | sed -n 's/^  Candidate: //p' | grep -v '^(none)$' || true; }

# install_packages installs by name; package lists that are out of date are fetched once.
install_packages() {
  say "installing $*"
  if apt install -y --no-install-recommends "$@" >"$log" 2>&1 </dev/null; then return 0; fi
  if refresh && apt install -y --no-install-recommends "$@" >"$log" 2>&1 </dev/null; then return 0; fi
  tail -n 40 "$log" >&2
  die "apt-get could not install them (see above). Type: apt-get update && apt-get install $*   (as root), then: $self" "$advice"
}
