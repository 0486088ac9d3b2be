#!/bin/sh
# What the tests need besides Python: a browser and Redis. Installs what is missing as root, says what to install otherwise.
set -e
missing=""
command -v chromium-headless-shell >/dev/null || command -v chromium >/dev/null || missing="$missing chromium-headless-shell"
command -v redis-server >/dev/null || missing="$missing redis-server"
[ -z "$missing" ] && exit 0
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
  apt-get update -qq
  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $missing >/dev/null 2>&1 \
    || DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $(echo "$missing" | sed 's/chromium-headless-shell/chromium/') >/dev/null
else
  echo "The tests need:$missing. Install with: sudo apt-get install --no-install-recommends$missing" >&2
  exit 1
fi
