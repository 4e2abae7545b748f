// Package documents makes what is printed: the license as a PDF in Kazakh and
// Russian with a QR code, and QR codes for screens.
//
// It promises: the same facts give the same bytes; fonts are embedded, so every
// Kazakh letter prints anywhere and can be searched and copied; a QR code is
// drawn as shapes and stays sharp at any size. It reads nothing and decides
// nothing: the facts are given. It is the only package that knows the PDF and QR
// libraries.
package documents
