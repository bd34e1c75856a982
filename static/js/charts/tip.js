// The tip beside the pointer: part of the page, so that it looks like everything else.

export class Tip {
  /** @param {HTMLElement} box what the tip stays in */
  constructor(box) {
    this.box = box;
    this.element = document.createElement("div");
    this.element.className = "chart-tip";
    this.element.hidden = true;
    box.append(this.element);
  }

  /** @param {[number, number]} place in the box @param {[string, string][]} lines the first is the heading */
  show([x, y], lines) {
    this.element.replaceChildren(
      ...lines.map(([label, value], index) => {
        const line = document.createElement(index ? "div" : "strong");
        const left = document.createElement("span");
        left.textContent = label;
        const right = document.createElement("span");
        right.textContent = value;
        line.append(left, right);
        return line;
      }),
    );
    this.element.hidden = false;
    const { offsetWidth: width, offsetHeight: height } = this.element;
    const room = this.box.clientWidth;
    const left = x + 18 + width < room ? x + 18 : Math.max(x - width - 6, 4);
    const top = Math.min(Math.max(y - height / 2, 4), Math.max(this.box.clientHeight - height - 4, 4));
    this.element.style.transform = `translate(${Math.round(left)}px, ${Math.round(top)}px)`;
  }

  hide() {
    this.element.hidden = true;
  }
}
