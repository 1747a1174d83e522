package object_test

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"github.com/go-json-experiment/json/jsontext"

	"stocktake/collector/object"
)

// FuzzAppend compares with a parser that is not ours what is JSON, and holds for every text
// that the result is JSON of one line, and the same when it is redacted again.
func FuzzAppend(f *testing.F) {
	for _, place := range places {
		f.Add([]byte(fmt.Sprintf(place.text, canary)))
	}
	f.Add([]byte(examplePod("1")))
	for _, text := range []string{
		`{"a":"\ud83d\ude00","a\u0000":[1,-0.5e+3,true,null]}`, `{"kind":"Widget","a":{},"b":[[],{}]}`, " { \"a\" : [ 1 , 2 ] }\n", `{"a":1,"\u0061":2}`,
		`{"metadata":{"managedFields":1,"a":2,"managed":3}}`, `{"image":"a@sha256:0","xRef":{"name":"n"},"conditions":[{"type":"t"}]}`,
	} {
		f.Add([]byte(text))
	}
	rules := object.NewRules([]string{"listed"})
	f.Fuzz(func(t *testing.T, in []byte) {
		for _, kind := range []object.Type{pod(), widget(), builtIn("", "ConfigMap"), builtIn("admissionregistration.k8s.io", "MutatingWebhookConfiguration")} {
			for _, level := range []object.Level{object.Metadata, object.Masked, object.Full} {
				filter := rules.Filter(kind, level)
				got, _, err := filter.Append([]byte("before"), in)
				if err != nil {
					mustBeWrong(t, in, err)
					continue
				}
				got = got[len("before"):]
				if bad := valid(in); bad != nil {
					t.Fatalf("%q is not JSON (%v) and became %s", in, bad, got)
				}
				if bad := valid(got); bad != nil || bytes.ContainsAny(got, "\n\r") {
					t.Fatalf("%q became %q: %v", in, got, bad)
				}
				again, _, err := filter.Append(nil, got)
				if err != nil || !bytes.Equal(got, again) {
					t.Fatalf("%q became %s and then %s: %v", in, got, again, err)
				}
			}
		}
	})
}

// mustBeWrong fails if a text is an object of the right kind and was refused.
func mustBeWrong(t *testing.T, in []byte, err error) {
	t.Helper()
	value := jsontext.Value(bytes.TrimSpace(in))
	if valid(in) == nil && value.Kind() == '{' && !strings.Contains(err.Error(), object.ErrKind.Error()) {
		t.Fatalf("%q is an object and was refused: %v", in, err)
	}
}

// FuzzCanary puts a secret into a string at any place that any JSON has, and looks for it in
// what is left of a custom resource. Names of members are sent, and so are the few strings
// that are known to be harmless.
func FuzzCanary(f *testing.F) {
	f.Add([]byte(`{"spec":{"a":["SECRET",{"b":"SECRET"}]},"metadata":{"annotations":{"a":"SECRET"},"managedFields":"SECRET"}}`))
	f.Add([]byte(`{"spec":{"metadata":{"name":"SECRET"},"dRef":{"x":{"type":"SECRET"}}},"status":{"conditions":{"x":"SECRET"}}}`))
	rules := object.NewRules(nil)
	f.Fuzz(func(t *testing.T, in []byte) {
		text := bytes.ReplaceAll(in, []byte("SECRET"), []byte("hunter2 <canary>"))
		got, _, err := rules.Filter(widget(), object.Masked).Append(nil, text)
		if err != nil {
			return
		}
		decoder := jsontext.NewDecoder(bytes.NewReader(got))
		for decoder.PeekKind() > 0 {
			token, err := decoder.ReadToken()
			if err != nil {
				t.Fatal(err)
			}
			if token.Kind() != '"' || !strings.Contains(token.String(), "hunter2 <canary>") {
				continue
			}
			if kind, n := decoder.StackIndex(decoder.StackDepth()); kind == '{' && n%2 == 1 {
				continue // a name
			}
			if at := string(decoder.StackPointer()); !harmless(at) {
				t.Fatalf("%s of %q survives in %s", at, text, got)
			}
		}
	})
}

// harmless reports the places of a custom resource whose strings are sent.
func harmless(at string) bool {
	parts := strings.Split(at, "/")[1:]
	if parts[0] == "metadata" {
		return len(parts) > 1 && parts[1] != "annotations" && parts[1] != "managedFields"
	}
	for i, part := range parts {
		sent := part == "conditions" || len(part) > 3 && strings.HasSuffix(part, "Ref")
		if sent && i+1 < len(parts) {
			return true
		}
	}

	return false
}
