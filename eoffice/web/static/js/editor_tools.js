// The tools above the editor: one stop of the Tab key, arrows go from tool to tool, Alt F10 from the text.
const KINDS = [["0", "Đoạn văn"], ["1", "Phần, Chương"], ["2", "Mục"], ["3", "Điều"], ["4", "Khoản có tiêu đề"]];

export function toolbar(editor) {
  const bar = document.createElement("div");
  bar.className = "tools";
  bar.setAttribute("role", "toolbar");
  bar.setAttribute("aria-label", "Định dạng nội dung (Alt F10)");
  bar.setAttribute("aria-controls", editor.surface.id);

  const kind = document.createElement("select");
  kind.setAttribute("aria-label", "Loại dòng");
  for (const [value, label] of KINDS) kind.append(new Option(label, value));
  kind.addEventListener("change", () => { editor.surface.focus(); editor.kind(Number(kind.value)); });

  const button = (text, label, action, keys) => {
    const made = document.createElement("button");
    made.type = "button";
    made.textContent = text;
    made.setAttribute("aria-label", label);
    made.title = keys ? `${label} (${keys})` : label;
    // The text keeps its selection while a tool is pressed.
    made.addEventListener("mousedown", (event) => event.preventDefault());
    made.addEventListener("click", () => action());
    return made;
  };
  const bold = button("B", "Chữ đậm", () => editor.style("bold"), "Ctrl B");
  bold.className = "bold";
  const italic = button("I", "Chữ nghiêng", () => editor.style("italic"), "Ctrl I");
  italic.className = "italic";
  const points = [
    button("1.", "Khoản đánh số", () => editor.label("1.")),
    button("1.1.", "Mục nhỏ đánh số", () => editor.label("1.1.")),
    button("a)", "Điểm chữ cái", () => editor.label("a)")),
    button("-", "Gạch đầu dòng", () => editor.label("-")),
  ];
  const inTable = group("Bảng", [
    button("+ hàng", "Thêm hàng bên dưới", () => editor.addRow()),
    button("− hàng", "Bỏ hàng này", () => editor.removeRow()),
    button("+ cột", "Thêm cột bên phải", () => editor.addColumn()),
    button("− cột", "Bỏ cột này", () => editor.removeColumn()),
    button("Trái", "Căn cột sang trái", () => editor.align("left")),
    button("Giữa", "Căn giữa cột", () => editor.align("centre")),
    button("Phải", "Căn cột sang phải", () => editor.align("right")),
  ]);
  bar.append(
    kind,
    group("Kiểu chữ", [bold, italic]),
    group("Đánh số", points),
    button("Bảng", "Chèn bảng", () => editor.addTable()),
    group("Sửa lại", [
      button("↶", "Bỏ việc vừa làm", () => editor.undo(), "Ctrl Z"),
      button("↷", "Làm lại", () => editor.redo(), "Ctrl Y"),
    ]),
    inTable,
  );

  const usable = () => [...bar.querySelectorAll("button, select")].filter((each) => !each.disabled && !each.closest("[hidden]"));
  const only = (chosen) => { for (const each of bar.querySelectorAll("button, select")) each.tabIndex = each === chosen ? 0 : -1; };
  only(kind);
  bar.addEventListener("focusin", (event) => only(event.target));
  bar.addEventListener("keydown", (event) => {
    const all = usable();
    const place = all.indexOf(document.activeElement);
    const to = { ArrowRight: place + 1, ArrowLeft: place - 1, Home: 0, End: all.length - 1 }[event.key];
    if (event.key === "Escape") { event.preventDefault(); editor.surface.focus(); }
    if (to === undefined) return;
    event.preventDefault();
    all[(to + all.length) % all.length].focus();
  });

  bar.enter = () => (usable().find((each) => each.tabIndex === 0) ?? kind).focus();
  bar.update = () => {
    const block = editor.block();
    const cell = editor.cell();
    const level = /^H([3-6])$/u.exec(block?.nodeName ?? "");
    if (document.activeElement !== kind) kind.value = level ? String(Number(level[1]) - 2) : "0";
    kind.disabled = Boolean(cell);
    for (const each of points) each.disabled = Boolean(cell);
    inTable.hidden = !cell;
    bold.disabled = Boolean(level);
    bold.setAttribute("aria-pressed", String(!level && document.queryCommandState("bold")));
    italic.setAttribute("aria-pressed", String(document.queryCommandState("italic")));
  };
  bar.update();
  return bar;

  function group(label, children) {
    const made = document.createElement("span");
    made.setAttribute("role", "group");
    made.setAttribute("aria-label", label);
    made.append(...children);
    return made;
  }
}
