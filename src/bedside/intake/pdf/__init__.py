"""Reports as PDF: pages to words with boxes in a process of their own, words to fields by a layout."""
