module landfall.example/traffic

go 1.24
