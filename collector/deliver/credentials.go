package deliver

// Credentials are a name and a password to log in with.
type Credentials struct {
	User, Password string
}
