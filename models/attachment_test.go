package models

import (
	"bytes"
	"compress/zlib"
	"fmt"
	"strings"
	"testing"
)

// packed is a PDF whose objects stand in a compressed object stream.
func packed(objects, filterName string) string {
	var b bytes.Buffer
	w := zlib.NewWriter(&b)
	_, _ = w.Write([]byte(objects))
	_ = w.Close()
	return fmt.Sprintf("%%PDF-1.7\n5 0 obj\n<< /Type /%s /Filter /FlateDecode /N 1 /First 4 /Length %d >>\nstream\n%s\nendstream\nendobj\n%%%%EOF", filterName, b.Len(), b.String())
}

func TestCheckAttachment_TakesPagesAndRefusesWhatDoesMore(t *testing.T) {
	const page = "%PDF-1.4\n1 0 obj\n<< /Type /Catalog /Pages 2 0 R >>\nendobj\n%%EOF"
	for name, c := range map[string]struct {
		file, content string
		want          string // media type, or the code of the refusal
	}{
		"a PDF":                            {"act.pdf", page, "application/pdf"},
		"capital ending":                   {"ACT.PDF", page, "application/pdf"},
		"Kazakh name":                      {"Ажырату актісі №1.pdf", page, "application/pdf"},
		"JPEG":                             {"scan.jpeg", "\xff\xd8\xff\xe0 picture", "image/jpeg"},
		"PNG":                              {"scan.png", "\x89PNG\r\n\x1a\n picture", "image/png"},
		"empty":                            {"act.pdf", "", "empty"},
		"a program":                        {"act.pdf", "MZ\x90\x00", "type"},
		"a page of HTML":                   {"act.pdf", "<html>", "type"},
		"a PNG called PDF":                 {"act.pdf", "\x89PNG\r\n\x1a\n", "type"},
		"a PDF called PNG":                 {"act.png", page, "type"},
		"no ending":                        {"act", page, "type"},
		"no name":                          {" ", page, "format"},
		"a path":                           {"../../act.pdf", page, "format"},
		"JavaScript":                       {"act.pdf", page + "<< /S /JavaScript /JS (app.alert\\(1\\)) >>", "active_content"},
		"JavaScript in disguise":           {"act.pdf", page + "<< /S /J#61vaScript >>", "active_content"},
		"a launch":                         {"act.pdf", page + "<< /S /Launch /F (cmd.exe) >>", "active_content"},
		"a file inside":                    {"act.pdf", page + "<< /Type /EmbeddedFile >>", "active_content"},
		"files inside by name":             {"act.pdf", page + "<< /Names << /EmbeddedFiles 3 0 R >> >>", "active_content"},
		"encrypted":                        {"act.pdf", page + "trailer << /Encrypt 9 0 R >>", "active_content"},
		"JavaScript in an object stream":   {"act.pdf", packed("7 0 << /S /JavaScript /JS (x) >>", "ObjStm"), "active_content"},
		"the same in an encoded name":      {"act.pdf", packed("7 0 << /S /JavaScript /JS (x) >>", "Obj#53tm"), "active_content"},
		"an object stream of pages":        {"act.pdf", packed("7 0 << /Type /Page >>", "ObjStm"), "application/pdf"},
		"words of a page are no actions":   {"act.pdf", packed("BT (/JavaScript) Tj ET", "XObject"), "application/pdf"},
		"an object stream that is garbage": {"act.pdf", "%PDF-1.7\n5 0 obj\n<< /Type /ObjStm /Filter /FlateDecode >>\nstream\nnot zlib\nendstream\nendobj", "active_content"},
		"a longer name is another":         {"act.pdf", page + "<< /JSON 1 /LaunchPad 2 >>", "application/pdf"},
	} {
		media, err := CheckAttachment(c.file, []byte(c.content))
		got := media
		if err != nil {
			if problems := problemsOf(err); len(problems) == 1 {
				_, got, _ = strings.Cut(problems[0], " ")
			} else {
				got = string(CodeOf(err))
			}
		}
		if got != c.want {
			t.Errorf("%s: %s (%v), want %s", name, got, err, c.want)
		}
	}
}

func TestCheckAttachment_TheLimitIs20MegabytesAndAUnpackingBombIsRefused(t *testing.T) {
	whole := append([]byte("\xff\xd8\xff"), make([]byte, MaxAttachmentBytes-3)...)
	if _, err := CheckAttachment("scan.jpg", whole); err != nil {
		t.Errorf("exactly 20 MB: %v", err)
	}
	if _, err := CheckAttachment("scan.jpg", append(whole, 0)); CodeOf(err) != CodeTooLarge {
		t.Errorf("a byte more: %v, want too large", err)
	}
	bomb := packed(strings.Repeat(" ", maxInflated+1), "ObjStm")
	if _, err := CheckAttachment("bomb.pdf", []byte(bomb)); err == nil || len(bomb) > 1<<20 {
		t.Errorf("%d bytes that unpack to %d: %v, want a refusal", len(bomb), maxInflated+1, err)
	}
}

func TestTakesAttachments_OnlyBeforeFilingAndWhileACorrectionIsAsked(t *testing.T) {
	for _, s := range []ApplicationState{ApplicationDraft, ApplicationReturned} {
		if err := (Application{State: s}).TakesAttachments(Actor{}); err != nil {
			t.Errorf("%s: %v", s, err)
		}
	}
	for _, s := range []ApplicationState{ApplicationSubmitted, ApplicationRegistered, ApplicationInReview, ApplicationDrafted, ApplicationGranted, ApplicationRefused, ApplicationWithdrawn} {
		if err := (Application{State: s}).TakesAttachments(Actor{}); CodeOf(err) != CodeConflict {
			t.Errorf("%s: %v, want a conflict", s, err)
		}
	}
	awaits := Application{State: ApplicationInReview, Clock: Clock{Started: filingAt, Pauses: []Pause{{From: filingAt, Reason: PauseCorrection}}}}
	if err := awaits.TakesAttachments(Actor{}); err != nil {
		t.Errorf("while a correction is asked for: %v", err)
	}
}
