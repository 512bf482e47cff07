import{j as o}from"./chunk-JWNEWXS2.js";import{o as t}from"./chunk-MG4J2EZT.js";function a({site:r}){return t("h2",{"data-site":r,children:o("tab_import")})}export{a as ImportPage};
