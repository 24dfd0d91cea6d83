module brightbird.dev/test/template/go

go 1.24
