# Makes .venv from a lock file and leaves its path in $venv. Sourced by the scripts beside it.
# usage: lock=requirements.lock; . scripts/environment.sh

root=$(cd "$(dirname "$0")/.." && pwd)
venv="$root/.venv"
lock_file="$root/$lock"

say() { printf '%s\n' "$*"; }
fail() { printf 'LỖI: %s\n' "$*" >&2; exit 1; }

find_python() {
    for candidate in ${PYTHON:-} python3 python3.14 python3.13 python3.12 python3.11 python; do
        if command -v "$candidate" >/dev/null 2>&1 &&
            "$candidate" -c 'import sys, venv; raise SystemExit(sys.version_info < (3, 11))' \
                >/dev/null 2>&1; then
            printf '%s' "$candidate"
            return
        fi
    done
    return 1
}

if [ ! -x "$venv/bin/python" ]; then
    python=$(find_python) || fail "Cần Python từ 3.11 trở lên (kèm mô-đun venv và pip)."
    say "Đang tạo môi trường Python ở .venv …"
    "$python" -m venv "$venv" || fail "Không tạo được môi trường Python ở $venv."
fi

wanted=$("$venv/bin/python" -c 'import hashlib, pathlib, sys
print(*(hashlib.sha256(pathlib.Path(p).read_bytes()).hexdigest() for p in sys.argv[1:]))' \
    "$lock_file" "$root/pyproject.toml")
stamp="$venv/.installed-$lock"
if [ "$(cat "$stamp" 2>/dev/null || true)" != "$wanted" ]; then
    say "Đang cài các gói theo $lock …"
    # uv when it can be had, for speed; plain pip does the same with the same hashes.
    if "$venv/bin/python" -m pip --quiet --disable-pip-version-check install uv==0.13.9 \
        >/dev/null 2>&1; then
        UV_PYTHON_DOWNLOADS=never "$venv/bin/uv" --quiet pip install \
            --python "$venv/bin/python" --require-hashes -r "$lock_file" ||
            fail "Không cài được các gói. Kiểm tra mạng và dung lượng đĩa rồi chạy lại."
    else
        "$venv/bin/python" -m pip --quiet --disable-pip-version-check install \
            --require-hashes -r "$lock_file" ||
            fail "Không cài được các gói. Kiểm tra mạng và dung lượng đĩa rồi chạy lại."
    fi
    "$venv/bin/python" -m pip --quiet --disable-pip-version-check install \
        --no-deps --no-build-isolation --editable "$root" ||
        fail "Không cài được chính chương trình vào .venv."
    printf '%s' "$wanted" >"$stamp"
fi
