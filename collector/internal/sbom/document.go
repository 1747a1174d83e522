package main

import (
	"encoding/base64"
	"encoding/hex"
	"runtime/debug"
	"slices"
	"strings"
)

// document is a CycloneDX 1.6 bill of materials (ECMA-424).
type document struct {
	Schema       string       `json:"$schema"`
	BOMFormat    string       `json:"bomFormat"`
	SpecVersion  string       `json:"specVersion"`
	Version      int          `json:"version"`
	Metadata     metadata     `json:"metadata"`
	Components   []component  `json:"components"`
	Dependencies []dependency `json:"dependencies"`
}

type metadata struct {
	Component component `json:"component"`
}

type component struct {
	Type       string     `json:"type"`
	Ref        string     `json:"bom-ref"`
	Name       string     `json:"name"`
	Version    string     `json:"version"`
	PURL       string     `json:"purl"`
	Hashes     []hash     `json:"hashes,omitempty"`
	Properties []property `json:"properties,omitempty"`
}

type hash struct {
	Algorithm string `json:"alg"`
	Content   string `json:"content"`
}

type property struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

type dependency struct {
	Ref       string   `json:"ref"`
	DependsOn []string `json:"dependsOn,omitempty"`
}

// describe makes the document of a program. The linker does not say which module
// needs which, so all of them are dependencies of the program.
func describe(info *debug.BuildInfo, version string) document {
	program := component{
		Type: "application", Name: info.Main.Path, Version: version,
		PURL: purl(info.Main.Path, version), Properties: properties(info),
	}
	program.Ref = program.PURL
	standard := library("stdlib", strings.TrimPrefix(info.GoVersion, "go"), "")
	all := []component{standard}
	for _, m := range info.Deps {
		if m.Replace != nil {
			m = m.Replace
		}
		all = append(all, library(m.Path, m.Version, m.Sum))
	}
	slices.SortStableFunc(all, func(a, b component) int { return strings.Compare(a.PURL, b.PURL) })
	return document{
		Schema: "http://cyclonedx.org/schema/bom-1.6.schema.json", BOMFormat: "CycloneDX", SpecVersion: "1.6", Version: 1,
		Metadata: metadata{program}, Components: all, Dependencies: dependencies(program, all),
	}
}

func dependencies(program component, all []component) []dependency {
	root := dependency{Ref: program.Ref}
	rows := []dependency{}
	for _, c := range all {
		root.DependsOn = append(root.DependsOn, c.Ref)
		rows = append(rows, dependency{Ref: c.Ref})
	}
	return append([]dependency{root}, rows...)
}

func library(path, version, sum string) component {
	c := component{Type: "library", Name: path, Version: version, PURL: purl(path, version), Hashes: hashes(sum)}
	c.Ref = c.PURL
	return c
}

// purl is the package URL of a Go module. The only signs in a module's path and
// version that have another meaning in a URL are ~ (never encoded) and +.
func purl(path, version string) string {
	return "pkg:golang/" + path + "@" + strings.ReplaceAll(version, "+", "%2B")
}

// hashes turns a checksum of go.sum, h1: and the SHA-256 of all files in base64,
// into CycloneDX' form.
func hashes(sum string) []hash {
	encoded, found := strings.CutPrefix(sum, "h1:")
	raw, err := base64.StdEncoding.DecodeString(encoded)
	if !found || err != nil {
		return nil
	}
	return []hash{{"SHA-256", hex.EncodeToString(raw)}}
}

// properties says how the program was built: what a reader needs to build it again.
func properties(info *debug.BuildInfo) []property {
	list := []property{{"go:version", info.GoVersion}}
	for _, s := range info.Settings {
		switch s.Key {
		case "GOOS", "GOARCH", "GOFIPS140", "CGO_ENABLED", "-trimpath":
			list = append(list, property{"go:" + s.Key, s.Value})
		}
	}
	return list
}
