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
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from uuid import UUID

from eoffice.agent_program import batch, keeping, loopback, made, tokens
from eoffice.agent_program.batch import Done, Examined
from eoffice.agent_program.keeping import NotPaired, Pairing
from eoffice.agent_program.office import RETIRED, Office, OfficeRefuses, OfficeUnreachable
from eoffice.agent_program.tokens import Found, TokenTrouble

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
        if named := getattr(asked, "library", None):
            pairing = replace(pairing, library=str(Path(named)))
        office = Office(pairing.origin, pairing.token)
        if asked.command == "list":
            return _list(office, pairing, show=asked.show)
        if asked.command == "sign":
            return _sign(office, pairing, asked, pin)
        if asked.command == "refuse":
            # A signature that was made and not sent must not follow the refusal.
            made.forget(asked.request)
            office.refuse(asked.request, asked.reason)
            print("Đã báo từ chối ký.")
            return 0
        return _serve(office, pairing, asked.port)
    except OfficeRefuses as refusal:
        print(_why(refusal), file=sys.stderr)
        return 2
    except (NotPaired, TokenTrouble, OfficeUnreachable) as trouble:
        print(trouble, file=sys.stderr)
        return 2
    except EOFError:
        print("Không có ai để hỏi mã PIN. Hãy chạy trong một cửa sổ dòng lệnh.", file=sys.stderr)
        return 2


def _why(refusal: OfficeRefuses) -> str:
    """What a device that was retired holds is of no use any more, and goes."""
    if refusal.status != RETIRED:
        return str(refusal)
    made.forget_all()
    return (
        "Văn phòng điện tử không còn nhận máy này. Hãy lấy mã ở trang “Ký trên máy của tôi” rồi "
        "chạy eoffice-agent pair ĐỊA-CHỈ MÃ."
    )


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
    sign.add_argument(
        "--only", action="append", type=_identifier, metavar="MÃ", help="chỉ ký yêu cầu này"
    )
    sign.add_argument("--yes", action="store_true", help="không hỏi lại trước khi ký")
    refuse = commands.add_parser("refuse", help="từ chối ký một yêu cầu")
    refuse.add_argument("request", type=_identifier, metavar="MÃ")
    refuse.add_argument("reason", help="lý do")
    serve = commands.add_parser("serve", help="để nút “Ký bằng máy này” trên trang gọi được")
    serve.add_argument("--port", type=int, default=loopback.PORT)
    for each in (sign, serve):
        each.add_argument("--library", help="thư viện PKCS#11 khác với lúc ghép đôi")
    return parser


def _identifier(written: str) -> str:
    return str(UUID(written))


def _pair(asked: argparse.Namespace, pin: str | None) -> int:
    one = _the_only(tokens.libraries(asked.library), asked.holder)
    mechanism = tokens.mechanism_for(one.certificate)
    with tokens.opened(one.library, one.token, one.certificate, _pin(pin)) as token:
        proof = token.sign(_proven(asked.code, one.certificate), mechanism)
    office = Office(asked.address)
    told = office.pair(
        code=asked.code,
        name=asked.name,
        certificate=one.certificate,
        chain=tokens.issuers(one.library, one.token, one.certificate),
        mechanism=mechanism,
        proof=proof,
    )
    keeping.keep(
        Pairing(
            origin=office.origin,
            token=told["token"],
            person=told["person"],
            agency=told["agency"],
            library=str(one.library),
            token_label=one.token,
            certificate=one.certificate,
        )
    )
    print(f"Đã ghép đôi với {told['agency']} cho {told['person']}, {told['position']}.")
    # They may be another person's, whose pairing this one replaces.
    if gone := made.forget_all():
        print(f"Đã bỏ {gone} chữ ký chưa gửi của lần ghép đôi trước; hãy ký lại.")
    return 0


def _the_only(libraries: Sequence[Path], holder: str | None) -> Found:
    """The certificate of this holder on whatever is plugged in. Raises TokenTrouble.

    A driver without its device finds nothing, or fails; the next is looked in.
    """
    found: dict[bytes, Found] = {}
    for library in libraries:
        try:
            seen = tokens.certificates(library)
        except TokenTrouble:
            if len(libraries) == 1:
                raise
            continue
        for each in seen:
            if not holder or holder.casefold() in each.holder.casefold():
                found.setdefault(each.certificate, each)
    if len(found) != 1:
        names = ", ".join(each.holder for each in found.values()) or "không có chứng thư số nào"
        raise TokenTrouble(f"Cần đúng một chứng thư số trên thiết bị ({names}). Dùng --holder.")
    (one,) = found.values()
    return one


def _proven(code: str, certificate: bytes) -> bytes:
    """What shows that the key is here: over this code and this certificate."""
    plain = re.sub(r"[^A-Z0-9]", "", code.upper()).encode()
    return (
        b"eoffice-agent pairing 1\n"
        + hashlib.sha256(plain).digest()
        + hashlib.sha256(certificate).digest()
    )


def _list(office: Office, pairing: Pairing, *, show: bool) -> int:
    if waiting := len(made.kept()):
        print(f"{waiting} chữ ký đã làm nhưng chưa gửi được. Chạy eoffice-agent sign để gửi.")
    with batch.fetched(office, pairing) as found:
        _say(found)
        if show:
            for each in found.good:
                _open(each.file)
            input("Nhấn Enter sau khi đọc xong; các tệp sẽ được xóa khỏi máy này. ")
        return 1 if found.refused else 0


def _sign(office: Office, pairing: Pairing, asked: argparse.Namespace, pin: str | None) -> int:
    sent = _sent_before(office)
    with batch.fetched(office, pairing) as found:
        _say(found)
        chosen = [
            each for each in found.good if asked.only is None or each.request.id in asked.only
        ]
        if not chosen:
            return 1 if found.refused or sent.failed else 0
        if not asked.yes and not _agreed(chosen):
            print("Chưa ký gì.")
            return 1
        done = batch.sign(office, pairing, chosen, _pin(pin), told=_progress)
    print(_summary(done))
    _say_failed(done)
    return 1 if done.failed or done.unsent or found.refused or sent.failed else 0


def _sent_before(office: Office) -> Done:
    """What was signed earlier goes first. Raises OfficeUnreachable, OfficeRefuses."""
    done = batch.send_made(office)
    if done.unsent:
        raise OfficeUnreachable(
            f"Không kết nối được tới {office.origin}. {done.unsent} chữ ký đã làm vẫn ở trên máy "
            "này; hãy kiểm tra mạng rồi chạy lại, không phải nhập mã PIN cho chúng nữa."
        )
    if done.taken:
        print(f"Đã gửi {done.taken} chữ ký làm lần trước.")
    _say_failed(done)
    return done


def _summary(done: Done) -> str:
    said = f"Đã gửi {done.taken} chữ ký."
    if done.unsent:
        said += (
            f" {done.unsent} chữ ký đã làm nhưng chưa gửi được: chạy lại khi có mạng, không phải "
            "nhập mã PIN cho chúng nữa."
        )
    return said


def _say_failed(done: Done) -> None:
    for title, why in done.failed:
        print(f"Chưa ký được “{title}”: {why}", file=sys.stderr)


def _serve(office: Office, pairing: Pairing, port: int) -> int:
    """A page decides when and what; the PIN is asked for each time, of the person who sits here."""

    def sign(shown: frozenset[str], told: Callable[[int, int], None]) -> tuple[bool, str]:
        def progress(done: int, total: int) -> None:
            told(done, total)
            _progress(done, total)

        try:
            sent = _sent_before(office)
            with batch.fetched(office, pairing) as found:
                _say(found)
                chosen = [each for each in found.good if each.request.id in shown]
                if not chosen and sent.taken:
                    return True, f"Đã gửi {sent.taken} chữ ký làm lần trước."
                if not chosen:
                    return False, "Không có gì chờ ký, hoặc yêu cầu không đúng như đã nêu."
                done = batch.sign(office, pairing, chosen, _pin(None), told=progress)
        except OfficeRefuses as refusal:
            return False, _why(refusal)
        except (TokenTrouble, OfficeUnreachable) as trouble:
            return False, str(trouble)
        except EOFError:
            return False, "Cửa sổ của chương trình đã đóng, không hỏi được mã PIN."
        said = _summary(done)
        if done.failed:
            said += f" {len(done.failed)} mục chưa ký được: {done.failed[0][1]}"
        print(said)
        return not done.failed and not done.unsent, said

    try:
        server = loopback.Loopback(office, sign, port=port)
    except OSError:
        print(f"Cổng {port} đang có chương trình khác dùng. Hãy đóng nó.", file=sys.stderr)
        return 2
    with server:
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
