print("chiaro")
