/** Lines that a task draws for people, such as a chart: a display says what they are drawn on. */

export type PictureTone = 'good' | 'bad' | 'special' | 'quiet';

/** What a picture is drawn on. */
export interface Canvas {
  readonly columns: number;
  readonly rows: number;
  /** Somebody looks at it now; else it goes into a log or through a pipe. */
  readonly isTerminal: boolean;
  /** More than ASCII can be shown. */
  readonly isUnicode: boolean;
  /** Colours a text where colours are wanted; it takes no more room than before. */
  readonly paint: (tone: PictureTone, text: string) => string;
}

/** Draws lines no wider than the canvas. Text from elsewhere in them goes through `visibleText` first. */
export type Picture = (canvas: Canvas) => readonly string[];

/** Where nothing is known of what it is shown on: 80 columns, no colours. */
export const plainCanvas: Canvas = {
  columns: 80,
  rows: 24,
  isTerminal: false,
  isUnicode: false,
  paint: (_, text) => text,
};
