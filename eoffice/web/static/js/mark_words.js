// What a person types into a cell of marks. The server decides; this only says it sooner.

// As it is shown in the register; "" for an emptied cell; null for what is no mark.
export function understood(text, kind) {
  const written = text.normalize("NFC").trim();
  if (written === "") return "";
  if (kind === "comment") return verdict(written);
  if (kind === "judgement") return judgement(written);
  if (kind === "trait") return trait(written);
  if (kind === "reason") return written.replace(/\s+/g, " ");
  if (kind === "chosen") return ["x", "v", "có"].includes(written.toLowerCase()) ? "x" : null;
  if (kind === "outcome") return moves(written);
  if (kind === "result" && verdict(written) === "M") return "M";
  const found = score(written);
  return kind === "whole" && found !== null && !found.endsWith(",0") ? null : found;
}

// Whether what stands there may still become a mark.
export function readable(text, kind) {
  const written = text.normalize("NFC").trim();
  if (kind === "comment") return verdict(written) !== null || /^[đdcmk]/i.test(written);
  if (kind === "judgement") return judgement(written) !== null;
  if (kind === "trait") return trait(written) !== null;
  if (kind === "reason") return true;
  if (kind === "chosen") return /^[xvc]/i.test(written);
  if (kind === "outcome") return /^[loở]/i.test(written);
  if (kind === "result" && /^m/i.test(written)) return true;
  return /^(10|[0-9])?([.,][0-9]?)?$/.test(written) && !/^10[.,][1-9]$/.test(written);
}

function score(written) {
  const found = /^(10|0?[0-9])(?:[.,]([0-9]))?$/.exec(written);
  if (!found || (Number(found[1]) === 10 && Number(found[2] ?? 0) > 0)) return null;
  return `${Number(found[1])},${found[2] ?? 0}`;
}

function verdict(written) {
  const bare = written.toLowerCase().replace(/đ/g, "d").normalize("NFD").replace(/\p{M}/gu, "").replace(/\s+/g, " ");
  if (["d", "dat"].includes(bare)) return "Đ";
  if (["cd", "chua dat", "kd", "khong dat"].includes(bare)) return "CĐ";
  return ["m", "mien"].includes(bare) ? "M" : null;
}

// Primary schools: T, H, C; M for whoever is exempted.
function judgement(written) {
  const letter = written.toUpperCase();
  return ["T", "H", "C", "M"].includes(letter) ? letter : null;
}

// Qualities and competences: Tốt, Đạt, Cần cố gắng.
function trait(written) {
  const letter = written.toUpperCase().replace("D", "Đ");
  return ["T", "Đ", "C"].includes(letter) ? letter : null;
}

// The principal's decision: lên lớp, ở lại lớp.
function moves(written) {
  const bare = written.toLowerCase().replace("ở", "o").replace("ê", "e").replace("ớ", "o").replace("ạ", "a");
  if (["l", "len", "len lop"].includes(bare)) return "L";
  return ["o", "o lai", "o lai lop"].includes(bare) ? "Ở" : null;
}

// What a cell of this kind takes, said about what it does not take.
export function expected(kind) {
  if (kind === "comment") return "không phải Đ, CĐ hoặc M.";
  if (kind === "judgement") return "không phải T, H, C hoặc M.";
  if (kind === "trait") return "không phải T, Đ hoặc C.";
  if (kind === "chosen") return "không phải x.";
  if (kind === "outcome") return "không phải L (lên lớp) hoặc Ở (ở lại lớp).";
  return "không phải điểm từ 0 đến 10.";
}
