package deliver

import "encoding/base64"

// Credentials are a name and a password to log in with.
type Credentials struct {
	User, Password string
}

// isComplete says whether one can log in with them.
func (c Credentials) isComplete() bool { return c.User != "" && c.Password != "" }

// basic is the value of the header Authorization (RFC 7617).
func (c Credentials) basic() string { return "Basic " + c.pair() }

func (c Credentials) pair() string {
	return base64.StdEncoding.EncodeToString([]byte(c.User + ":" + c.Password))
}

// secrets are what must not come up in a log.
func (c Credentials) secrets() []string {
	if c.Password == "" {
		return nil
	}
	return []string{c.pair(), c.User + ":" + c.Password, c.Password}
}
