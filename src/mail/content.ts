/** What one message says. The layout sets it as text and as HTML, and adds who asked. */
export interface Content {
  readonly subject: string;
  readonly heading: string;
  readonly paragraphs: readonly string[];
  readonly action?: { readonly label: string; readonly link: string };
  readonly code?: string;
  /** Begins the sentence that says who asked: `This was requested`. */
  readonly asked: string;
  readonly notYou: string;
}
