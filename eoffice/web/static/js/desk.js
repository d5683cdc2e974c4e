// What makes pages quicker to use. Every page works without it; each module enhances what it finds.
import { beginAutosave } from "./autosave.js";
import { beginEditors } from "./editor.js";
import { beginForms } from "./forms.js";
import { beginKeyboard } from "./keyboard.js";
import { beginLine } from "./line.js";
import { beginLocalSigner } from "./local_signer.js";
import { beginMarks } from "./marks.js";
import { beginMenus } from "./menus.js";
import { beginProgress } from "./progress.js";
import { beginReader } from "./reader.js";
import { beginPush } from "./push.js";
import { beginUploads } from "./upload.js";

document.documentElement.classList.add("scripted");

// Anew for each page that arrives, also when an upload brought it without a navigation.
function enhance(root) {
  beginEditors(root);
  beginAutosave(root);
  beginProgress(root);
  beginMarks(root);
  beginReader(root);
  beginPush(root);
  beginLocalSigner(root);
  root.querySelector("[data-focus]")?.focus();
}

beginForms();
beginUploads(enhance);
beginKeyboard();
beginLine();
beginMenus();
enhance(document);
