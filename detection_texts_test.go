package main

import (
	"strings"
	"testing"

	"rigistry/services/detection/stream"
	"rigistry/web"
)

func TestParameters_EachHasASentenceInThreeLanguagesAndItsUnitAndSourceWords(t *testing.T) {
	catalog, err := web.LoadCatalog()
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range stream.Table() {
		for _, key := range []string{"detection.parameter." + p.Name, "rules.unit." + p.Unit, "rules.group." + p.Rule, "rules.source." + p.Source} {
			for _, lang := range []string{"kk", "ru", "en"} {
				if text := catalog.Text(lang, key, nil); text == "" || strings.Contains(text, key) {
					t.Errorf("%s has no text in %s", key, lang)
				}
			}
		}
	}
}
