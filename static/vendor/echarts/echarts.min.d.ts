export function init(element: HTMLElement, theme?: string | object | null, options?: object): any;
