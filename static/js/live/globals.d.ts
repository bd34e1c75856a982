// For the type check only: what the sweep's page keeps at the document, and what it tells there.
import type { Frame } from "./frame.js";

declare global {
  interface Document {
    /** The newest frame, for what is loaded later than it. */
    hpwebFrame?: Frame | null;
  }
  interface DocumentEventMap {
    frame: CustomEvent<Frame>;
  }
}
