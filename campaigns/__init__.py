"""The app. Folders are floors, file names are topics: see README, "The house"."""
