# The Docker engine of .ci/run: one that answers already, and else one of its own, which ends with it. Sourced, with
# $scratch, a directory that is removed at the end, and $house, the directory of the programs of a virtual environment.

dockerd_pid=
cgroups_mounted=

docker_answers() {
  "$house/python" -W ignore -c 'import docker; docker.from_env(timeout=10).ping()' 2>/dev/null
}

# What the images of the tests are made of and with, and the engine where neither it nor another is there.
missing_packages() {
  local package
  for package in debootstrap busybox-static rclone; do
    dpkg-query --show --showformat='${Status}\n' "$package" 2>/dev/null | grep -q ' installed$' || echo "$package"
  done
  docker_answers || command -v dockerd >/dev/null || printf '%s\n' docker.io cgroupfs-mount
}

# Sets $no_docker to what is in the way of containers, empty where nothing is; $DOCKER_HOST then leads to the engine.
prepare_docker() {
  local missing
  no_docker=
  command -v dpkg-query >/dev/null || { no_docker="this is no Debian or Ubuntu, of whose packages the images are made"; return; }
  missing=$(missing_packages)
  if [ -n "$missing" ] && [ "$(id -u)" -ne 0 ]; then
    no_docker="it takes root to install ${missing//$'\n'/, }"
  elif [ -n "$missing" ] && ! install_packages $missing; then
    no_docker="apt-get could not install ${missing//$'\n'/, }: $(tail -n 3 "$scratch/apt.log")"
  elif docker_answers; then
    printf 'A Docker engine answers at %s.\n' "${DOCKER_HOST:-its own socket}"
  elif [ "$(id -u)" -ne 0 ]; then
    no_docker="no Docker engine answers, and it takes root to start one"
  else
    start_dockerd || no_docker="no Docker engine answers, and dockerd did not start: $(tail -n 10 "$scratch/dockerd.log")"
  fi
}

install_packages() {
  printf 'Installing %s\n' "$*"
  export DEBIAN_FRONTEND=noninteractive
  {
    apt-get update -q || true # other sources than Debian's may be out of reach
    apt-get install -q -y --no-install-recommends "$@"
  } >"$scratch/apt.log" 2>&1
}

# In a session of its own, so that Ctrl-C reaches the tests first, and with all its data in $scratch. Without a bridge
# and rules of a firewall, which small virtual machines refuse: containers have the network of the machine.
start_dockerd() {
  if ! [ -e /sys/fs/cgroup/cgroup.controllers ] && ! grep -q ' /sys/fs/cgroup/devices ' /proc/mounts; then
    cgroupfs-mount && cgroups_mounted=yes
  fi
  export DOCKER_HOST="unix://$scratch/docker.sock"
  setsid dockerd --host "$DOCKER_HOST" --pidfile "$scratch/docker.pid" \
    --data-root "$scratch/docker" --exec-root "$scratch/docker-run" \
    --iptables=false --bridge=none --default-ulimit nofile=1024:4096 >"$scratch/dockerd.log" 2>&1 &
  dockerd_pid=$!
  for _ in {1..60}; do
    docker_answers && { printf 'Started a Docker engine at %s.\n' "$DOCKER_HOST"; return; }
    kill -0 "$dockerd_pid" 2>/dev/null || break
    sleep 1
  done
  return 1
}

# Ends the engine that this started, with its containers and its containerd, and takes away what it mounted.
stop_dockerd() {
  if [ -n "$dockerd_pid" ]; then
    kill "$dockerd_pid" 2>/dev/null || true
    for _ in {1..60}; do
      kill -0 "$dockerd_pid" 2>/dev/null || break
      sleep 0.5
    done
    kill -KILL "$dockerd_pid" 2>/dev/null || true # its containerd goes with it
    wait "$dockerd_pid" 2>/dev/null || true
  fi
  # The innermost first; whatever is left mounted must not be emptied with $scratch.
  awk -v below="$scratch/" 'index($2, below) == 1 { print $2 }' /proc/mounts | sort -r | xargs -r -n 1 umount --lazy || true
  [ -z "$cgroups_mounted" ] || cgroupfs-umount || true
}
