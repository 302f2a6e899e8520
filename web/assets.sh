#!/usr/bin/env bash
# Fetches the official NHS templates, styles and scripts into web/assets; quick when they are there already.
set -euo pipefail
cd "$(dirname "$0")"

fail() { echo "web/assets.sh: $1" >&2; exit 1; }

wanted=$(cat package-lock.json requirements.txt assets.sh strip_fonts.py | sha256sum)
# Two builds may start at once; one fetches, the other waits.
if command -v flock >/dev/null; then exec 9>.assets.lock; flock 9; fi
if [ "$(cat assets/fetched 2>/dev/null)" = "$wanted" ]; then exit 0; fi

command -v npm >/dev/null || fail "npm is needed (Debian: apt-get install npm)"
command -v python3 >/dev/null || fail "python3 with pip is needed (Debian: apt-get install python3-pip)"
rm -rf assets node_modules .wheel
npm ci --ignore-scripts --no-audit --no-fund --silent || fail "npm could not fetch what package-lock.json lists"
python3 -m pip download --quiet --disable-pip-version-check --no-deps --require-hashes \
    --dest .wheel -r requirements.txt || fail "pip could not fetch what requirements.txt lists"

mkdir -p assets/templates assets/static
python3 -m zipfile -e .wheel/*.whl .wheel/open
cp -r .wheel/open/nhsuk_frontend_jinja/templates/nhsuk assets/templates/
dist=node_modules/nhsuk-frontend/dist/nhsuk
python3 strip_fonts.py "$dist/nhsuk-frontend.min.css" > assets/static/nhsuk.css
sed '/^\/\/# sourceMappingURL/d' "$dist/nhsuk-frontend.min.js" > assets/static/nhsuk.js
for picture in favicon.ico favicon.svg nhsuk-icon-180.png nhsuk-icon-mask.svg \
    nhsuk-icon-arrow-down.svg nhsuk-icon-arrow-up-down.svg nhsuk-icon-arrow-up.svg nhsuk-icon-cross.svg; do
    cp "$dist/assets/images/$picture" assets/static/
done
rm -rf .wheel
echo "$wanted" > assets/fetched
