package kubeconfig

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"reflect"
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/util/yaml"
	"k8s.io/client-go/tools/clientcmd"
	clientcmdapi "k8s.io/client-go/tools/clientcmd/api/v1"
)

// faultOf says where a kubeconfig is broken, and quotes nothing but names; nil
// means that it is not, or that it is not there.
func faultOf(file string) error {
	info, err := os.Stat(file)
	if err == nil && !info.Mode().IsRegular() && !info.IsDir() {
		return errors.New("it cannot be read: write it into a file to learn why") // a pipe gives its text once
	}
	text, err := os.ReadFile(file)
	if notThere(err) {
		return nil
	}
	if unread, ok := errors.AsType[*fs.PathError](err); ok {
		return unread.Err
	}
	if err != nil {
		return errors.New("it cannot be read")
	}
	return diagnose(text)
}

// lineOfFault finds the line in an error of the YAML parser. All else in it may
// be a value of the file.
func lineOfFault(err error) (line string, found bool) {
	_, rest, found := strings.Cut(err.Error(), "yaml: line ")
	line, _, ended := strings.Cut(rest, ":")
	return line, found && ended && len(line) <= 9 && isOf(line, digits, digits)
}

func diagnose(text []byte) error {
	asJSON, err := toJSON(text)
	if err != nil {
		return err
	}
	if err := checkBase64(asJSON); err != nil {
		return err
	}
	var config clientcmdapi.Config
	if err := json.Unmarshal(asJSON, &config); err != nil {
		return wrongType(err)
	}
	if err := checkNames(&config); err != nil {
		return err
	}
	if _, err := clientcmd.Load(text); err != nil {
		return errors.New("it is not a kubeconfig: write apiVersion: v1 and kind: Config, and compare it with `kubectl config view`")
	}
	return nil
}

// toJSON takes YAML, and JSON, which is a part of it. Its errors quote nothing.
func toJSON(text []byte) ([]byte, error) {
	var value any
	if err := yaml.Unmarshal(text, &value); err != nil {
		if line, found := lineOfFault(err); found {
			return nil, fmt.Errorf("it is not YAML: see line %s", line)
		}
		return nil, errors.New("it is not YAML")
	}
	return json.Marshal(value)
}

// wrongType names the place of a value of another type than expected.
func wrongType(err error) error {
	mistake, ok := errors.AsType[*json.UnmarshalTypeError](err)
	if !ok || mistake.Field == "" {
		return errors.New("it is not a kubeconfig: compare it with `kubectl config view`")
	}
	return fmt.Errorf("%s is not %s", mistake.Field, looksLike(mistake.Type))
}

// looksLike is what a value of the type looks like in YAML.
func looksLike(t reflect.Type) string {
	switch t.Kind() { //nolint:exhaustive // all others are text
	case reflect.Bool:
		return "true or false"
	case reflect.Slice:
		return "a list"
	case reflect.Struct, reflect.Map, reflect.Pointer:
		return "a group of keys and values"
	}
	return "text: put it in quotes"
}

// checkBase64 looks at the values that hold files.
func checkBase64(asJSON []byte) error {
	var data struct {
		Clusters []struct {
			Name    string
			Cluster struct {
				CA string `json:"certificate-authority-data"`
			}
		}
		Users []struct {
			Name string
			User struct {
				Cert string `json:"client-certificate-data"`
				Key  string `json:"client-key-data"`
			}
		}
	}
	if json.Unmarshal(asJSON, &data) != nil {
		return nil // another type, which is told elsewhere
	}
	var first error
	check := func(name, field, value string) {
		if _, err := base64.StdEncoding.DecodeString(value); err != nil && first == nil {
			first = fmt.Errorf("%q: %s is not base64: write it in one line, or name a file in the field without -data", name, field)
		}
	}
	for _, c := range data.Clusters {
		check(c.Name, "certificate-authority-data", c.Cluster.CA)
	}
	for _, u := range data.Users {
		check(u.Name, "client-certificate-data", u.User.Cert)
		check(u.Name, "client-key-data", u.User.Key)
	}
	return first
}

// checkNames finds names that are given twice in one list.
func checkNames(config *clientcmdapi.Config) error {
	lists := map[string][]string{
		"extensions": extensionNames(config.Extensions), "extensions of preferences": extensionNames(config.Preferences.Extensions),
	}
	for _, c := range config.Clusters {
		lists["clusters"] = append(lists["clusters"], c.Name)
		lists["extensions of cluster "+c.Name] = extensionNames(c.Cluster.Extensions)
	}
	for _, c := range config.Contexts {
		lists["contexts"] = append(lists["contexts"], c.Name)
		lists["extensions of context "+c.Name] = extensionNames(c.Context.Extensions)
	}
	for _, u := range config.AuthInfos {
		lists["users"] = append(lists["users"], u.Name)
		lists["extensions of user "+u.Name] = extensionNames(u.AuthInfo.Extensions)
	}
	return twice(lists)
}

func extensionNames(extensions []clientcmdapi.NamedExtension) []string {
	names := make([]string, len(extensions))
	for i, e := range extensions {
		names[i] = e.Name
	}
	return names
}

// twice names what a list holds two times, in the order of the lists' names.
func twice(lists map[string][]string) error {
	for _, list := range slices.Sorted(maps.Keys(lists)) {
		seen := map[string]bool{}
		for _, name := range lists[list] {
			if seen[name] {
				return fmt.Errorf("%s: the name %s is there twice: rename or remove one", printable(list), printable(name))
			}
			seen[name] = true
		}
	}
	return nil
}
