"""The commands of `eoffice-agent`."""

from __future__ import annotations

import argparse
import getpass
import hashlib
import os
import re
import socket
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from eoffice.agent_program import batch, keeping, loopback, tokens
from eoffice.agent_program.batch import Examined
from eoffice.agent_program.keeping import NotPaired, Pairing
from eoffice.agent_program.office import Office, OfficeRefuses, OfficeUnreachable
from eoffice.agent_program.tokens import TokenTrouble

#: Where a script gives the PIN instead of a person; it is taken out of the environment at once.
PIN_VARIABLE = "EOFFICE_AGENT_PIN"


def run(arguments: Sequence[str] | None = None) -> int:
    """0: done; 1: something was not; 2: not paired, no token, no line."""
    pin = os.environ.pop(PIN_VARIABLE, None)
    asked = _parser().parse_args(arguments)
    try:
        if asked.command == "pair":
            return _pair(asked, pin)
        pairing = keeping.kept()
        office = Office(pairing.origin, pairing.token)
        if asked.command == "list":
            return _list(office, pairing, show=asked.show)
        if asked.command == "sign":
            return _sign(office, pairing, asked, pin)
        if asked.command == "refuse":
            office.refuse(asked.request, asked.reason)
            print("Đã báo từ chối ký.")
            return 0
        return _serve(office, pairing, asked.port)
    except (NotPaired, TokenTrouble, OfficeUnreachable, OfficeRefuses) as trouble:
        print(trouble, file=sys.stderr)
        return 2


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="eoffice-agent", description="Ký trên máy của mình, bằng thiết bị ký số của mình."
    )
    commands = parser.add_subparsers(dest="command", required=True)
    pair = commands.add_parser("pair", help="ghép đôi máy này với tài khoản của bạn")
    pair.add_argument("address", help="địa chỉ văn phòng điện tử, https://…")
    pair.add_argument("code", help="mã ở trang “Ký trên máy của tôi”")
    pair.add_argument("--name", default=socket.gethostname(), help="tên gọi của máy này")
    pair.add_argument("--library", help="thư viện PKCS#11 của thiết bị")
    pair.add_argument("--holder", help="tên trên chứng thư số, khi thiết bị có nhiều chứng thư")
    listed = commands.add_parser("list", help="xem những gì đang chờ ký")
    listed.add_argument("--show", action="store_true", help="mở từng tệp để đọc")
    sign = commands.add_parser("sign", help="ký những gì đang chờ, hỏi mã PIN một lần")
    sign.add_argument("--only", action="append", metavar="MÃ", help="chỉ ký yêu cầu này")
    sign.add_argument("--yes", action="store_true", help="không hỏi lại trước khi ký")
    refuse = commands.add_parser("refuse", help="từ chối ký một yêu cầu")
    refuse.add_argument("request", metavar="MÃ")
    refuse.add_argument("reason", help="lý do")
    serve = commands.add_parser("serve", help="để nút “Ký bằng máy này” trên trang gọi được")
    serve.add_argument("--port", type=int, default=loopback.PORT)
    return parser


def _pair(asked: argparse.Namespace, pin: str | None) -> int:
    library = tokens.library(asked.library)
    found = [
        each
        for each in tokens.certificates(library)
        if not asked.holder or asked.holder.casefold() in each.holder.casefold()
    ]
    if len(found) != 1:
        names = ", ".join(each.holder for each in found) or "không có chứng thư số nào"
        raise TokenTrouble(f"Cần đúng một chứng thư số trên thiết bị ({names}). Dùng --holder.")
    (one,) = found
    mechanism = tokens.mechanism_for(one.certificate)
    with tokens.opened(library, one.token, one.certificate, _pin(pin)) as token:
        proof = token.sign(_proven(asked.code, one.certificate), mechanism)
    office = Office(asked.address)
    told = office.pair(
        code=asked.code,
        name=asked.name,
        certificate=one.certificate,
        chain=tokens.issuers(library, one.token, one.certificate),
        mechanism=mechanism,
        proof=proof,
    )
    keeping.keep(
        Pairing(
            origin=office.origin,
            token=told["token"],
            person=told["person"],
            agency=told["agency"],
            library=str(library),
            token_label=one.token,
            certificate=one.certificate,
        )
    )
    print(f"Đã ghép đôi với {told['agency']} cho {told['person']}, {told['position']}.")
    return 0


def _proven(code: str, certificate: bytes) -> bytes:
    """What shows that the key is here: over this code and this certificate."""
    plain = re.sub(r"[^A-Z0-9]", "", code.upper()).encode()
    return (
        b"eoffice-agent pairing 1\n"
        + hashlib.sha256(plain).digest()
        + hashlib.sha256(certificate).digest()
    )


def _list(office: Office, pairing: Pairing, *, show: bool) -> int:
    with batch.fetched(office, pairing) as found:
        _say(found)
        if show:
            for each in found.good:
                _open(each.file)
            input("Nhấn Enter sau khi đọc xong; các tệp sẽ được xóa khỏi máy này. ")
        return 1 if found.refused else 0


def _sign(office: Office, pairing: Pairing, asked: argparse.Namespace, pin: str | None) -> int:
    with batch.fetched(office, pairing) as found:
        _say(found)
        chosen = [
            each for each in found.good if asked.only is None or each.request.id in asked.only
        ]
        if not chosen:
            return 1 if found.refused else 0
        if not asked.yes and not _agreed(chosen):
            print("Chưa ký gì.")
            return 1
        done = batch.sign(office, pairing, chosen, _pin(pin), told=_progress)
    print(f"Đã gửi {done.taken} chữ ký.")
    for title, why in done.failed:
        print(f"Chưa ký được “{title}”: {why}", file=sys.stderr)
    return 1 if done.failed or found.refused else 0


def _serve(office: Office, pairing: Pairing, port: int) -> int:
    """A page decides when and what; the PIN is asked for each time, of the person who sits here."""

    def sign(shown: frozenset[str]) -> tuple[bool, str]:
        try:
            with batch.fetched(office, pairing) as found:
                _say(found)
                chosen = [each for each in found.good if each.request.id in shown]
                if not chosen:
                    return False, "Không có gì chờ ký, hoặc yêu cầu không đúng như đã nêu."
                done = batch.sign(office, pairing, chosen, _pin(None), told=_progress)
        except (TokenTrouble, OfficeUnreachable, OfficeRefuses) as trouble:
            return False, str(trouble)
        said = f"Đã gửi {done.taken} chữ ký."
        if done.failed:
            said += f" {len(done.failed)} mục chưa ký được: {done.failed[0][1]}"
        print(said)
        return not done.failed, said

    with loopback.Loopback(office, sign, port=port) as server:
        print(f"Đang chờ trang của {office.origin} gọi (cổng {port}). Nhấn Ctrl+C để thôi.")
        sys.stdout.flush()
        try:
            server.serve_forever(poll_interval=0.2)
        except KeyboardInterrupt:
            return 0
    return 0


def _say(found: batch.Fetched) -> None:
    if not found.good and not found.refused:
        print("Không có gì chờ bạn ký.")
    for number, each in enumerate(found.good, start=1):
        one = each.request
        print(f"{number:3}. {one.title}\n     {one.capacity}, {one.agency} · mã {one.id}")
    for one, why in found.refused:
        print(f"  !  KHÔNG KÝ “{one.title}”: {why}", file=sys.stderr)


def _agreed(chosen: Sequence[Examined]) -> bool:
    while True:
        answer = input(f"Ký {len(chosen)} mục? [c = ký, x = mở ra xem, khác = thôi] ").strip()
        if answer != "x":
            return answer in ("c", "C")
        for each in chosen:
            _open(each.file)


def _open(file: Path) -> None:
    """In the viewer of this system."""
    if sys.platform == "win32":
        os.startfile(file)  # noqa: S606 - the viewer that its owner has chosen
    else:
        subprocess.run(["open" if sys.platform == "darwin" else "xdg-open", str(file)], check=False)


def _pin(given: str | None) -> str:
    return given if given is not None else getpass.getpass("Mã PIN của thiết bị ký số: ")


def _progress(done: int, total: int) -> None:
    print(f"\rĐang ký {done} trên {total}", end="\n" if done == total else "", flush=True)


def main() -> None:
    """The console script."""
    sys.exit(run())


if __name__ == "__main__":
    main()
