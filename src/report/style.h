/* How all pages look: one style sheet, carried by each page. */
#ifndef REPORT_STYLE_H
#define REPORT_STYLE_H

/*
 * CSS, for screens from 320 pixels on and for paper. Colours keep a contrast of 4.5 (WCAG AA). No
 * custom properties: the program that makes PDFs of pages does not know them in all places.
 */
extern const char style_sheet[];

#endif
