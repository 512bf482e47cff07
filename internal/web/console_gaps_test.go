package web

import (
	"net/http"
	"strings"
	"testing"
)
