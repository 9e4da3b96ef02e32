#!/usr/bin/env bash
# Chromium, and a font with Chinese in it for the pictures, from the distribution, if they are missing.
set -euo pipefail
native=$(cd "$(dirname "${BASH_SOURCE[0]}")/../../deploy/native" && pwd)
for part in lib process apt; do
	# shellcheck source=/dev/null
	. "$native/$part.sh"
done

browser_needs() {
	need chromium chromium chromium-browser google-chrome
	need fontconfig fc-list
	if [ -z "$(fc-list :lang=zh 2>/dev/null)" ]; then
		missing+=(fonts-wqy-zenhei)
		missing_programs+=("a Chinese font")
	fi
}

find_folder
make_folder
install_missing browser
