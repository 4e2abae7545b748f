// Package documents makes what is issued on paper: the license and its appendices,
// refusals, orders, certificates of absence and extracts from the register, each
// in Kazakh and Russian with a QR code, and QR codes for screens.
//
// It promises: the same facts give the same bytes; fonts are embedded, so every
// Kazakh letter prints anywhere and can be searched and copied; a QR code is
// drawn as shapes and stays sharp at any size. Service draws what it is given.
// Issuer reads the facts from one snapshot of the register, says which, signs the
// file so that VerifyFile checks every byte with public keys alone, keeps the
// bytes and leaves their digest in the ledger. It decides nothing. It is the only
// package that knows the PDF and QR libraries.
package documents
