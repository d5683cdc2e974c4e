"""Every action of the log in the words of the office: one table, held together by a test.

`{name}` stands for what the details say under that name, in the form in which people read it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

PHRASES: Final[dict[str, str]] = {
    # people
    "session.opened": "Đăng nhập",
    "session.closed": "Đăng xuất",
    "session.closed_everywhere": "Đăng xuất ở mọi nơi",
    "session.acting_changed": "Đổi chức danh làm việc",
    "password.set": "Đặt mật khẩu cho người khác",
    "password.changed": "Đổi mật khẩu",
    "codes.enrolled": "Bật mã dùng một lần",
    "codes.recovery_renewed": "Tạo lại mã khôi phục",
    "codes.removed": "Tắt mã dùng một lần",
    "codes.reset": "Xóa mã dùng một lần của người khác",
    "token.created": "Tạo khóa truy cập cho chương trình",
    "token.revoked": "Thu hồi khóa truy cập của chương trình",
    "unit.created": "Lập đơn vị",
    "unit.renamed": "Đổi tên đơn vị",
    "unit.organ_id_set": "Ghi mã định danh điện tử của đơn vị",
    "unit.moved": "Chuyển đơn vị cấp trên",
    "unit.closed": "Kết thúc hoạt động của đơn vị",
    "person.created": "Thêm cán bộ",
    "person.renamed": "Sửa họ tên cán bộ",
    "appointment.made": "Bổ nhiệm, phân công",
    "appointment.ended": "Kết thúc bổ nhiệm, phân công",
    "delegation.made": "Giao quyền ký",
    "delegation.ended": "Kết thúc quyền ký được giao",
    "absence.stated": "Khai vắng mặt và người thay",
    "absence.taken_back": "Bỏ khai vắng mặt",
    "work.handed_over": "Bàn giao {count} việc đang chờ",
    "calendar.set": "Ghi lịch làm việc theo {decision}",
    "calendar.taken_out": "Bỏ một ngày khỏi lịch làm việc",
    "alert.address_added": "Thêm địa chỉ nhận thông báo",
    "alert.address_confirmed": "Xác nhận địa chỉ nhận thông báo",
    "alert.address_ended": "Bỏ địa chỉ nhận thông báo",
    "alert.timing_set": "Đổi lúc nhận thông báo",
    "alert.device_added": "Nhận thông báo trên một thiết bị",
    "alert.device_ended": "Thôi nhận thông báo trên một thiết bị",
    "alert.device_added": "Nhận thông báo trên một thiết bị",
    "alert.device_ended": "Thôi nhận thông báo trên một thiết bị",
    "alert.feed_opened": "Tạo địa chỉ lịch hạn xử lý",
    "alert.feed_closed": "Bỏ địa chỉ lịch hạn xử lý",
    "webhook.added": "Thêm địa chỉ nhận sự kiện",
    "webhook.ended": "Thôi gửi sự kiện đến một địa chỉ",
    "search.saved": "Lưu một tìm kiếm",
    "search.forgotten": "Bỏ một tìm kiếm đã lưu",
    "search.columns_chosen": "Chọn các cột của kết quả tìm",
    # filing
    "case_file.planned": "Thêm hồ sơ {notation} năm {year} vào danh mục",
    "case_file.filed": "Đưa một văn bản vào hồ sơ, số thứ tự {ordinal}",
    "case_file.taken_out": "Đưa văn bản số thứ tự {ordinal} ra khỏi hồ sơ",
    "case_file.closed": "Kết thúc hồ sơ có {documents} văn bản",
    "case_file.handed_over": "Bàn giao một hồ sơ đang lập",
    "case_file.rights_changed": "Đổi quyền mở hồ sơ",
    "case_file.rights_confirmed": "Xác nhận thay đổi quyền mở hồ sơ",
    # documents
    "document.begun": "Tạo dự thảo",
    "document.described": "Bổ sung, sửa siêu dữ liệu: {fields}",
    "arrival.described": "Bổ sung, sửa siêu dữ liệu: {fields}",
    "document.cited": "Thêm căn cứ vào dự thảo",
    "document.citation_given_up": "Bỏ căn cứ khỏi dự thảo",
    "legal_text.registered": "Ghi văn bản vào danh mục pháp luật",
    "draft_template.kept": "Lập mẫu soạn thảo",
    "draft_template.changed": "Sửa mẫu soạn thảo, lần {revision}",
    "draft_template.retired": "Bỏ mẫu soạn thảo",
    "document.file_uploaded": "Tải tệp dự thảo lên",
    "document.attached": "Đính kèm một tệp",
    "document.detached": "Bỏ một tệp đính kèm",
    "document.commented": "Góp ý vào dự thảo",
    "document.recipients_chosen": "Chọn nơi nhận",
    "document.submit": "Trình duyệt",
    "document.return": "Trả lại kèm ý kiến",
    "document.approve": "Duyệt nội dung",
    "document.agree": "Đồng ý ở một bước của quy trình",
    "document.comment_answered": "Trả lời một ý kiến",
    "document.flow_set": "Đặt quy trình trình ký",
    "document.flow_ended": "Bỏ quy trình trình ký",
    "document.draft_handed_over": "Bàn giao dự thảo",
    "document.step_handed_over": "Bàn giao một bước trình ký",
    "document.pass_form": "Xác nhận thể thức, chuyển trình ký",
    "document.sign": "Ký ban hành",
    "document.number": "Cấp số {number}",
    "document.page_numbered": "Ghi số và ngày vào văn bản đã ký",
    "document.seal": "Ký số của cơ quan",
    "document.appendix_signed": "Ký số của cơ quan lên một tệp phụ lục",
    "document.copied": "Lập bản sao",
    "document.issue": "Phát hành đến {recipients} nơi nhận",
    "document.withdraw": "Thu hồi văn bản",
    "document.issue_scheduled": "Hẹn giờ phát hành",
    "document.schedule_cancelled": "Huỷ hẹn giờ phát hành",
    "document.schedule_failed": "Đến giờ hẹn mà không phát hành được",
    "document.correction_noted": "Ghi văn bản được đính chính, sửa đổi hoặc thay thế",
    "document.correction_dropped": "Bỏ ghi văn bản được đính chính, sửa đổi hoặc thay thế",
    "document.sent_outside": "Ghi đã gửi cho cơ quan ngoài hệ thống",
    "recipient_group.kept": "Lưu nhóm nơi nhận",
    "recipient_group.removed": "Bỏ nhóm nơi nhận",
    "organisation.entered": "Thêm cơ quan ngoài hệ thống vào danh bạ",
    "organisation.changed": "Sửa cơ quan ngoài hệ thống trong danh bạ",
    "organisation.removed": "Bỏ cơ quan ngoài hệ thống khỏi danh bạ",
    "book.opened": "Mở sổ đăng ký văn bản",
    "book.reserved": "Giữ số {number}",
    "book.assigned": "Dành số {number} đã giữ cho một văn bản",
    "book.entered": "Ghi văn bản giấy vào sổ, số {number}",
    "book.annulled": "Hủy số {number}: {because}",
    "book.expired": "Hủy số {number} vì hết hạn giữ",
    "book.closed": "Khóa sổ, số cuối cùng {last_number}",
    "closing.begun": "Khóa sổ năm {year}, {entries} số, {annulled} số đã hủy",
    "closing.ask_again": "Yêu cầu lập lại bản in của sổ đã khóa",
    "closing.print": "Lập xong bản in của sổ đã khóa, {page_count} trang",
    "closing.sign_by_clerk": "Văn thư ký sổ",
    "closing.sign_by_head": "Người đứng đầu cơ quan ký sổ",
    "closing.seal": "Đóng dấu cơ quan vào sổ",
    # signing
    "signing_key.registered": "Đăng ký khóa ký số",
    "signing_key.wrong_pin": "Nhập sai mã PIN của khóa ký số",
    "signature.requested": "Bắt đầu ký số",
    "signature.made": "Ký số xong",
    # routing
    "delivery.made": "Gửi đến nơi nhận",
    "delivery.received": "Tiếp nhận văn bản từ bên ngoài",
    "delivery.verified": "Kiểm tra chữ ký số của văn bản từ bên ngoài",
    "scan.uploaded": "Tải bản quét lên",
    "scan.read": "Nhận dạng chữ của bản quét",
    "scan.taken": "Ghi bản quét thành văn bản đến",
    "scan.discarded": "Bỏ bản quét",
    "mail.fetched": "Nhận thư điện tử",
    "mail.taken": "Ghi thư điện tử thành văn bản đến",
    "mail.put_aside": "Để thư điện tử ra ngoài",
    "mail.handed_over": "Chuyển thư điện tử cho phần liên thông",
    "mailbox.set": "Đặt hộp thư nhận văn bản",
    "delivery.recognised": "Nhận dạng chữ của văn bản từ bên ngoài",
    "delivery.opened": "Nơi nhận đã mở văn bản",
    "delivery.refused": "Nơi nhận từ chối tiếp nhận",
    "delivery.recalled": "Thu hồi bản đã gửi",
    "delivery.changed": "Nơi gửi cập nhật hoặc thay thế văn bản đã gửi",
    "exchange.undelivered": "Chưa có đường liên thông đến nơi nhận",
    "exchange.sent_again": "Cho gửi lại qua liên thông",
    "delivery.recall_agreed": "Nơi nhận đồng ý trả lại văn bản bị thu hồi",
    "delivery.recall_refused": "Nơi nhận từ chối trả lại văn bản bị thu hồi",
    "arrival.registered": "Đăng ký văn bản đến số {number}",
    "arrival.submitted": "Trình lãnh đạo",
    "arrival.assigned": "Phân công xử lý",
    "arrival.handed_over": "Bàn giao phần việc được phân công",
    "arrival.worked": "Cập nhật việc xử lý",
    "arrival.finished": "Hoàn thành xử lý",
    "document.points_stated": "Nêu {points} việc giao cho nơi nhận",
    "point.begun": "Bắt đầu thực hiện việc {point}",
    "point.reported": "Báo cáo thực hiện việc {point}",
    "reminders.ruled": "Sửa quy tắc nhắc việc",
    "delivery.reminded": "Nhắc nơi nhận",
    "receipt.signed": "Ký biên nhận tiếp nhận",
    "arrival.ended_unanswered": "Kết thúc không trả lời bằng văn bản",
    "arrival.deadline_moved": "Đổi hạn xử lý thành {to_on}",
    "arrival.taken_over": "Tiếp nhận việc của đơn vị tiền nhiệm",
    "arrival.forwarded": "Chuyển xuống {recipients} đơn vị trực thuộc",
    # exchange
    "exchange_peer.added": "Thêm đối tác liên thông",
    "exchange_peer.changed": "Sửa đối tác liên thông",
    "exchange_codes.changed": "Sửa bảng mã của đối tác liên thông",
    "exchange_message.queued": "Xếp thông điệp liên thông để gửi",
    "exchange_message.sent": "Gửi thông điệp liên thông",
    "exchange_message.failed": "Không gửi được thông điệp liên thông",
    "exchange_message.received": "Nhận thông điệp liên thông",
    "exchange_message.processed": "Xử lý xong thông điệp liên thông",
    "exchange_message.held": "Giữ lại thông điệp không xử lý được",
    "exchange_message.asked": "Bên gửi đề nghị lấy lại hoặc cập nhật văn bản",
    "exchange_message.retried": "Cho làm lại thông điệp liên thông",
    "exchange_message.discarded": "Bỏ qua thông điệp liên thông",
    "exchange_message.change_agreed": "Đồng ý cho bên gửi lấy lại hoặc cập nhật",
    "exchange_message.change_refused": "Từ chối cho bên gửi lấy lại hoặc cập nhật",
    # registers
    "class.opened": "Lập lớp học",
    "class.teachers_assigned": "Phân công giáo viên",
    "class.conduct_recorded": "Ghi kết quả rèn luyện",
    "class.absences_recorded": "Ghi số buổi nghỉ",
    "class.remark_written": "Ghi nhận xét",
    "marks.uploaded": "Tải bảng điểm lên",
    "marks.accepted": "Nhận bảng điểm vào sổ",
    "gradebook.requested": "Lập sổ từ bảng điểm",
    "gradebook.render": "Dàn trang sổ",
    "gradebook.sign_subject": "Giáo viên bộ môn ký",
    "gradebook.sign_last_subject": "Giáo viên bộ môn cuối cùng ký",
    "gradebook.sign_homeroom": "Giáo viên chủ nhiệm ký",
    "gradebook.approve": "Hiệu trưởng ký duyệt",
    "gradebook.seal": "Đóng dấu của nhà trường, khóa sổ",
    "gradebook.return": "Trả lại để sửa",
    # reading
    "document.viewed": "Xem văn bản đi",
    "document.downloaded": "Tải tệp gốc của văn bản đi",
    "document.printed": "Lấy bản in có tên người in",
    "delivery.viewed": "Xem văn bản đến",
    "delivery.downloaded": "Tải tệp gốc của văn bản đến",
    "delivery.printed": "Lấy bản in có tên người in",
    "scan.viewed": "Xem bản quét",
    "scan.downloaded": "Tải tệp của bản quét",
    "scan.printed": "Lấy bản in có tên người in",
    # archive
    "archive.ingested": "Nộp vào kho lưu trữ",
    "archive.fixity_checked": "Đối chiếu bản lưu với mã băm: {outcome}",
    "archive.searched": "Tìm trong kho lưu trữ, {results} kết quả",
    "archive.opened": "Mở hồ sơ lưu trữ",
    "archive.page_viewed": "Xem trang {page}",
    "archive.downloaded": "Tải bản lưu",
    "archive.printed": "Lấy bản in có tên người in",
    "archive.verified": "Kiểm tra chữ ký của bản lưu",
    "archive.packaged": "Tải gói bằng chứng",
    "inspection.decided": "Ghi quyết định thanh tra",
    "inspection.amended": "Sửa phạm vi quyết định thanh tra",
    "inspection.ended": "Kết thúc cuộc thanh tra",
}

#: Somebody looked and changed nothing: shown in the list of accesses, not in a thing's history.
LOOKS: Final = frozenset(
    {
        "archive.searched",
        "archive.opened",
        "archive.page_viewed",
        "archive.downloaded",
        "archive.verified",
        "archive.printed",
        "archive.packaged",
        "document.viewed",
        "document.downloaded",
        "document.printed",
        "delivery.viewed",
        "delivery.downloaded",
        "delivery.printed",
        "scan.viewed",
        "scan.downloaded",
        "scan.printed",
    }
)

#: What the processes of the office call themselves -> what people call them.
PROCESSES: Final[dict[str, str]] = {
    "worker": "Tiến trình tự động",
    "relay": "Tiến trình tự động",
    "system": "Hệ thống",
    "demo": "Chương trình trình diễn",
}

#: What can be acted upon -> what people call it.
OBJECTS: Final[dict[str, str]] = {
    "archive_entry": "Hồ sơ lưu trữ",
    "arrival": "Văn bản đến",
    "appointment": "Phân công",
    "book": "Sổ đăng ký",
    "book_closing": "Sổ đã khóa",
    "calendar": "Lịch làm việc",
    "class": "Lớp học",
    "delegation": "Giao quyền",
    "delivery": "Lượt gửi",
    "document": "Văn bản đi",
    "draft_template": "Mẫu soạn thảo",
    "legal_text": "Văn bản pháp luật",
    "exchange_message": "Thông điệp liên thông",
    "exchange_peer": "Đối tác liên thông",
    "gradebook": "Sổ theo dõi và đánh giá",
    "inspection": "Quyết định thanh tra",
    "person": "Cán bộ",
    "scan": "Bản quét",
    "session": "Phiên làm việc",
    "signature_request": "Lượt ký số",
    "signing_key": "Khóa ký số",
    "api_token": "Mã truy cập",
    "unit": "Đơn vị",
}

#: Words in details that are states of a program -> what people say.
_WORDS: Final[dict[str, str]] = {
    "intact": "nguyên vẹn",
    "changed": "đã bị thay đổi",
    "missing": "không còn",
    "unlocked": "mất khóa",
}


def what(action: str, details: Mapping[str, Any]) -> str:
    """What happened, as a phrase; an action without one is shown by its name."""
    phrase = PHRASES.get(action, action)
    return phrase.format_map(_Shown(details))


def who(kind: str, name: str, position_title: str | None) -> str:
    """Who did it: a person with the position, or what the process is called."""
    if kind == "process":
        return PROCESSES.get(name.partition(":")[0], name)
    return f"{name}, {position_title}" if position_title else name


class _Shown(dict[str, Any]):
    def __init__(self, details: Mapping[str, Any]) -> None:
        super().__init__({name: _WORDS.get(str(value), value) for name, value in details.items()})

    def __missing__(self, name: str) -> str:
        return "…"
