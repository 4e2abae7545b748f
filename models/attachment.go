package models

import (
	"bytes"
	"compress/zlib"
	"io"
	"path"
	"slices"
	"strings"
	"time"
)

// Attachment is a file that an applicant gave as evidence of one requirement. Its
// content is kept once by its hash. A removed attachment stays on record.
type Attachment struct {
	ID          string
	Application string // application id
	Requirement string // code
	Name        string // of the file, as its owner called it
	MediaType   string // found in the content
	Bytes       int64
	SHA256      string // hex
	By          string // actor id
	Created     time.Time
	RemovedBy   string // actor id, "" while it stands
	Removed     time.Time
}

// The bounds of attachments.
const (
	MaxAttachmentBytes = 20 << 20
	MaxAttachments     = 100 // that stand, of one application
	maxFileName        = 200
	maxInflated        = 64 << 20 // of the object streams of one PDF together
)

type fileType struct {
	media   string
	magic   []byte
	endings []string
}

var fileTypes = []fileType{
	{"application/pdf", []byte("%PDF-"), []string{".pdf"}},
	{"image/jpeg", []byte("\xff\xd8\xff"), []string{".jpg", ".jpeg"}},
	{"image/png", []byte("\x89PNG\r\n\x1a\n"), []string{".png"}},
}

// CheckAttachment gives the media type that the content has, or says why the file
// is refused: empty, too large, of another type than its name says or than is
// taken, or a PDF that does more than show pages.
func CheckAttachment(name string, content []byte) (mediaType string, err error) {
	var v Invalid
	if clean := strings.TrimSpace(name); clean == "" || len(name) > maxFileName || strings.ContainsAny(name, "/\\\x00\r\n\"") {
		v.Add("?name", "format", "Give the name of the file, at most %d bytes, without slashes and quotes.", maxFileName)
		return "", v.Err()
	}
	if len(content) == 0 {
		v.Add("", "empty", "The file %s is empty. Choose the file again.", name)
		return "", v.Err()
	}
	if len(content) > MaxAttachmentBytes {
		return "", Errorf(CodeTooLarge, "The file %s is larger than %d MB. Scan it with fewer dots per inch, or split it.", name, MaxAttachmentBytes>>20)
	}
	i := slices.IndexFunc(fileTypes, func(t fileType) bool { return bytes.HasPrefix(content, t.magic) })
	if i < 0 {
		v.Add("", "type", "The file %s is neither PDF, JPEG nor PNG. Save it as one of these.", name)
		return "", v.Err()
	}
	found := fileTypes[i]
	if ending := strings.ToLower(path.Ext(name)); !slices.Contains(found.endings, ending) {
		v.Add("?name", "type", "The content is %s and the name ends in %q. Name it *%s.", found.media, ending, found.endings[0])
		return "", v.Err()
	}
	if found.media == "application/pdf" {
		if what := activePDF(content); what != "" {
			v.Add("", "active_content", "The PDF %s. Print it to a new PDF, which only shows pages, and attach that one.", what)
			return "", v.Err()
		}
	}
	return found.media, nil
}

// active are names of a PDF (ISO 32000) that make it do more than show pages.
var active = []struct{ name, does string }{
	{"JavaScript", "carries JavaScript"}, {"JS", "carries JavaScript"}, {"Launch", "starts other programs"},
	{"EmbeddedFile", "carries other files"}, {"EmbeddedFiles", "carries other files"}, {"RichMedia", "plays media"},
	{"XFA", "carries an XFA form"}, {"Encrypt", "is encrypted, so that it cannot be looked into"},
}

// activePDF says what a PDF does beside showing pages, "" when nothing was found.
// Names are looked for outside of streams and inside of object streams, where
// objects can hide; content streams draw pages and do nothing else.
func activePDF(content []byte) string {
	left := maxInflated
	for rest := content; len(rest) > 0; {
		at := bytes.Index(rest, []byte("stream"))
		head := rest
		if at >= 0 {
			head = rest[:at]
		}
		if does := activeNames(head); does != "" || at < 0 {
			return does
		}
		body := rest[at+len("stream"):]
		end := bytes.Index(body, []byte("endstream"))
		if end < 0 {
			return activeNames(body)
		}
		if dictionary := head[max(bytes.LastIndex(head, []byte("obj")), 0):]; bytes.Contains(plainNames(dictionary), []byte("/ObjStm")) {
			inflated, ok := inflate(body[:end], left)
			if !ok {
				return "has objects that cannot be looked into"
			}
			if left -= len(inflated); left <= 0 {
				return "unpacks to far more than it is"
			}
			if does := activeNames(inflated); does != "" {
				return does
			}
		}
		rest = body[end+len("endstream"):]
	}
	return ""
}

// inflate unpacks a FlateDecode stream, at most so many bytes.
func inflate(stream []byte, most int) ([]byte, bool) {
	r, err := zlib.NewReader(bytes.NewReader(bytes.TrimLeft(stream, "\r\n")))
	if err != nil {
		return nil, false
	}
	out, err := io.ReadAll(io.LimitReader(r, int64(most)))
	return out, err == nil || len(out) > 0
}

func activeNames(text []byte) string {
	plain := plainNames(text)
	for rest := plain; ; {
		at := bytes.IndexByte(rest, '/')
		if at < 0 {
			return ""
		}
		rest = rest[at+1:]
		end := bytes.IndexAny(rest, "\x00\t\n\f\r ()<>[]{}/%")
		if end < 0 {
			end = len(rest)
		}
		for _, a := range active {
			if string(rest[:end]) == a.name {
				return a.does
			}
		}
	}
}

// plainNames resolves #xx, with which names can be disguised.
func plainNames(text []byte) []byte {
	if bytes.IndexByte(text, '#') < 0 {
		return text
	}
	out := make([]byte, 0, len(text))
	for i := 0; i < len(text); i++ {
		if text[i] == '#' && i+2 < len(text) {
			if hi, lo := hexDigit(text[i+1]), hexDigit(text[i+2]); hi >= 0 && lo >= 0 {
				out = append(out, byte(hi<<4|lo))
				i += 2
				continue
			}
		}
		out = append(out, text[i])
	}
	return out
}

func hexDigit(c byte) int {
	switch {
	case c >= '0' && c <= '9':
		return int(c - '0')
	case c >= 'a' && c <= 'f':
		return int(c-'a') + 10
	case c >= 'A' && c <= 'F':
		return int(c-'A') + 10
	}
	return -1
}

// Remove takes an attachment away. It stays on record.
func (a Attachment) Remove(actor Actor, at time.Time) (Attachment, error) {
	if a.RemovedBy != "" {
		return Attachment{}, NotFound("attachment", a.ID)
	}
	a.RemovedBy, a.Removed = actor.ID, at
	return a, nil
}

// TakesAttachments says why files can neither be added nor removed now: a filed
// application changes only when a correction was asked for.
func (a Application) TakesAttachments(actor Actor) error {
	switch {
	case a.State == ApplicationDraft, a.State == ApplicationReturned, a.AwaitsCorrection():
		return nil
	}
	return Errorf(CodeConflict, "Application %s is %s: its documents stay as they were filed, until a correction is asked for.", a.Number, a.ShownState(actor))
}

// Receipt is what the applicant gets for a filing. Every filing of an application
// has its own.
type Receipt struct {
	Application string // application id
	Version     int64  // of the application that was filed
	Reference   string // number of the application
	Filed       time.Time
	Digest      string // hex SHA-256 of Content
	Content     string // what was filed, with the hashes of the attachments: canonical JSON
	RegisterBy  string // legal date: last day of the completeness check
}
